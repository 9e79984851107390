// One stream for all tabs that show the same: the tab that holds the lock reads it and tells the others.
// A hidden tab lets go of it; one that is closed too.

export class Stream {
  constructor(url, take, state) {
    this.url = url;
    this.take = take;
    this.state = state;
    this.known = new Map();
    this.order = [];
    this.source = null;
    this.release = null;
    this.channel = "BroadcastChannel" in window ? new BroadcastChannel(`kairos ${url}`) : null;
    this.channel?.addEventListener("message", (event) => this.heard(event.data));
    document.addEventListener("visibilitychange", () => this.visible());
    window.addEventListener("pagehide", () => this.stop());
    window.addEventListener("pageshow", (event) => event.persisted && this.visible());
    this.visible();
  }

  visible() {
    if (document.hidden) this.stop();
    else this.start();
  }

  start() {
    if (this.abort) return;
    this.abort = new AbortController();
    this.channel?.postMessage({ ask: true });
    if (!navigator.locks || !this.channel) {
      this.open();
      return;
    }
    const held = () => new Promise((release) => {
      this.release = release;
      this.open();
    });
    navigator.locks.request(`kairos ${this.url}`, { signal: this.abort.signal }, held).catch(() => {});
  }

  stop() {
    this.abort?.abort();
    this.abort = null;
    this.source?.close();
    this.source = null;
    this.release?.();
    this.release = null;
  }

  open() {
    const source = new EventSource(this.url);
    this.source = source;
    source.addEventListener("open", () => this.tell({ connected: true }));
    source.addEventListener("sections", (event) => this.tell({ told: JSON.parse(event.data) }));
    source.addEventListener("error", () => {
      this.tell({ connected: false });
      if (source.readyState === EventSource.CLOSED) {
        setTimeout(() => this.source === source && this.open(), 5000);
      }
    });
  }

  tell(message) {
    this.channel?.postMessage(message);
    this.heard(message);
  }

  heard(message) {
    if (message.ask) {
      if (this.source && this.order.length) {
        this.channel.postMessage({ told: { order: this.order, sections: [...this.known.values()] } });
      }
    } else if ("connected" in message) {
      this.state(message.connected);
    } else {
      this.order = message.told.order;
      for (const section of message.told.sections) this.known.set(section.id, section);
      this.state(true);
      this.take(message.told);
    }
  }
}
