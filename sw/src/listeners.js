// The service worker's only JavaScript. Listeners must be there when the script has run once, so
// the module is compiled at once, from bytes in this same file. Above this stand, written by
// `cargo xtask stamp`: BUILD (the text of the build), MODULE (the module's bytes, base 64) and
// glue() (what wasm-bindgen makes for it, a fresh copy at each call).
const module = new WebAssembly.Module(Uint8Array.from(atob(MODULE), (c) => c.charCodeAt(0)));
let current;

// The running module. After a panic it is thrown away and the next event gets a new one.
function running() {
  if (!current) {
    const bindings = glue();
    bindings.initSync({ module });
    let giveUp;
    const broken = new Promise((_, reject) => { giveUp = reject; });
    broken.catch(() => {});
    current = { worker: new bindings.Worker(BUILD), broken, giveUp };
  }
  return current;
}

function discard(problem) {
  current?.giveUp(problem);
  current = undefined;
}

// Calls the worker. A panic in a future reaches nobody but the global error event, and its
// promise would stay open for ever: `broken` ends it.
function ask(question) {
  try {
    const { worker, broken } = running();
    const answer = question(worker);
    return answer && Promise.race([answer, broken]);
  } catch (problem) {
    discard(problem);
    return Promise.reject(problem);
  }
}

// What a browser without this worker would do; without a network, any build is better than none.
function fallBack(request) {
  const stored = request.mode === 'navigate' ? '/index.html' : request;
  return fetch(request).catch(async () => (await caches.match(stored)) ?? Response.error());
}

self.addEventListener('error', (event) => discard(event.error));
self.addEventListener('install', (event) => event.waitUntil(ask((worker) => worker.install())));
self.addEventListener('activate', (event) => event.waitUntil(ask((worker) => worker.activate())));
self.addEventListener('fetch', (event) => {
  const answer = ask((worker) => worker.fetch(event.request));
  if (answer) event.respondWith(answer.catch(() => fallBack(event.request)));
});
self.addEventListener('message', (event) => {
  const done = ask((worker) => worker.message(event.data));
  if (done) event.waitUntil(done);
});
running();
