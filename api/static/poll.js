// Follows a task by long polls until it is final, through restarts of the service and lost connections.

const SHORTEST_PAUSE_MS = 300;
const LONGEST_PAUSE_MS = 10_000;

// Asks the service to hold each request open for `waitSeconds`; calls `onTask(task)` at each change and
// `onTrouble(problem)` while the service does not answer. Returns null after the final state, or the problem
// document that ends the wait, such as task_expired.
export async function follow(url, { onTask, onTrouble, waitSeconds = 10 }) {
  let etag = null;
  let pause = SHORTEST_PAUSE_MS;
  for (;;) {
    const asked = performance.now();
    const { task, problem, tag, retryAfterMs } = await ask(`${url}?wait=${etag ? waitSeconds : 0}`, etag);
    if (problem && !problem.retryable) return problem;
    if (task) {
      etag = tag;
      onTask(task);
      if (isFinal(task)) return null;
    }
    if (problem) onTrouble(problem);
    // An answer that came at once and told nothing new means that nobody held the request open for us.
    const idle = !task && performance.now() - asked < 1000;
    pause = idle ? Math.min(pause * 2, LONGEST_PAUSE_MS) : SHORTEST_PAUSE_MS;
    await wakeAfter(Math.max(pause, retryAfterMs));
  }
}

export function isFinal(task) {
  return ["succeeded", "failed", "cancelled"].includes(task.status);
}

async function ask(url, etag) {
  const headers = { Accept: "application/json" };
  if (etag) headers["If-None-Match"] = etag;
  let response;
  try {
    response = await fetch(url, { headers, cache: "no-store" });
    if (response.status === 304) return { retryAfterMs: 0 };
    const body = await response.json();
    if (response.ok) return { task: body, tag: response.headers.get("ETag"), retryAfterMs: 0 };
    const seconds = Number(response.headers.get("Retry-After")) || 0;
    return { problem: body, retryAfterMs: Math.min(seconds * 1000, LONGEST_PAUSE_MS) };
  } catch {
    // No connection, or a proxy's answer that is not JSON: the task itself may well be in order.
    return { problem: { retryable: true }, retryAfterMs: 0 };
  }
}

// Waits, but no longer than until the network or the person comes back.
function wakeAfter(milliseconds) {
  const controller = new AbortController();
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      controller.abort();
      resolve();
    };
    const timer = setTimeout(wake, milliseconds);
    window.addEventListener("online", wake, { signal: controller.signal });
    document.addEventListener("visibilitychange", wake, { signal: controller.signal });
  });
}
