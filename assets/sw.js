/* Shows what the desk pushes while nobody looks at it. It keeps nothing and answers no requests. */
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("push", (event) => {
  let told;
  try { told = event.data.json(); } catch { return; }
  event.waitUntil((async () => {
    const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
    // Who looks at the desk sees its bell.
    if (pages.some((page) => page.focused)) return;
    await self.registration.showNotification(String(told.title ?? "Help desk"), {
      body: String(told.body ?? ""), tag: String(told.tag ?? ""), renotify: Boolean(told.tag), data: { url: String(told.url ?? "/") }, icon: "/favicon.svg",
    });
  })());
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  // Only ever a page of this very desk.
  const found = new URL(event.notification.data?.url ?? "/", self.location.origin);
  const url = found.origin === self.location.origin ? found.href : self.location.origin;
  event.waitUntil((async () => {
    const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
    for (const page of pages) {
      try { await page.navigate(url); return await page.focus(); } catch { /* not ours to steer */ }
    }
    await self.clients.openWindow(url);
  })());
});
