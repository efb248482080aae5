// Writes the page as text: open shadow roots as <shadow-root> before the light children of their host, same-origin
// frames as <frame-document> after their <iframe>, each form control with what it holds now, a password's never, and
// `hidden` on what is not rendered.
// A browser's own error page is no text of the portal's: nothing is written of it.
// A string is written, not a copy of the tree, so that no custom element's constructor runs again.
({ values, errorPages }) => {
  if (errorPages.some((page) => document.documentURI.startsWith(page))) return "";

  // A form control named "attributes" or "childNodes" hides the form's own property: ask the prototype.
  const property = (prototype, name) => {
    const read = Object.getOwnPropertyDescriptor(prototype, name).get;
    return (node) => read.call(node);
  };
  const childNodes = property(Node.prototype, "childNodes");
  const localName = property(Element.prototype, "localName");
  const shadowRoot = property(Element.prototype, "shadowRoot");

  const MOST_ATTRIBUTES = 2000;
  const VOID = new Set("area base br col embed hr img input link meta param source track wbr".split(" "));
  const RAW = new Set(["script", "style"]);
  const OPAQUE = new Set(["noscript", "template", "iframe", "noembed", "noframes"]);
  const UNSTYLED = new Set("head script style noscript template option optgroup".split(" "));
  const CONTROLS = new Set(["input", "textarea", "select"]);
  const SECRET = /^(password|file)$/i;
  const out = [];

  const text = (value) => value.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  const quoted = (value) => value.replace(/&/g, "&amp;").replace(/"/g, "&quot;");
  const secret = (element) =>
    SECRET.test(element.type) || /password|one-time-code/i.test(element.getAttribute("autocomplete") || "");

  const state = (element, name) => {
    if (name === "option") return element.selected ? { selected: "" } : {};
    if (!CONTROLS.has(name) || secret(element)) return {};
    const now = { value: values ? element.value : null };
    if (element.type === "checkbox" || element.type === "radio") now.checked = element.checked ? "" : null;
    return now;
  };

  const style = (element) => {
    const view = element.ownerDocument.defaultView;
    return view ? view.getComputedStyle(element) : null;
  };

  const rendered = (element) => {
    const parent = element.parentNode;
    if (parent.nodeType === Node.ELEMENT_NODE && shadowRoot(parent) && !element.assignedSlot) return false;
    const computed = style(element);
    if (!computed || computed.display === "none") return false;
    if (computed.visibility === "visible") return true;
    return [...element.querySelectorAll("*")].some((inner) => style(inner)?.visibility === "visible");
  };

  // What is unseen is marked once, at its top.
  const mark = (element, name, written, seen) => {
    if (!seen || UNSTYLED.has(name)) return seen;
    written.delete("hidden");
    if (rendered(element)) return true;
    written.set("hidden", "");
    return false;
  };

  const openTag = (element, name, seen) => {
    const written = new Map();
    // By name, and so many at most: the map of attributes takes quadratic time to walk.
    const names = Element.prototype.getAttributeNames.call(element).slice(0, MOST_ATTRIBUTES);
    for (const key of names) written.set(key, Element.prototype.getAttribute.call(element, key));
    if (CONTROLS.has(name)) written.delete("value");
    if (name === "option") written.delete("selected");
    for (const [key, value] of Object.entries(state(element, name)))
      if (value === null) written.delete(key);
      else written.set(key, value);
    const inside = mark(element, name, written, seen);
    out.push("<", name);
    for (const [key, value] of written) out.push(" ", key, '="', quoted(String(value)), '"');
    out.push(">");
    return inside;
  };

  const children = (node, seen) => {
    for (const child of childNodes(node)) write(child, seen);
  };

  const frame = (element, seen) => {
    let inner = null;
    try {
      inner = element.contentDocument;
    } catch (error) {
      inner = null; // another origin
    }
    if (!inner || !inner.body) return;
    out.push("<frame-document>");
    children(inner.body, seen);
    out.push("</frame-document>");
  };

  const content = (element, name, seen) => {
    if (name === "textarea") {
      if (values && !secret(element)) out.push("\n", text(element.value)); // a parser drops the first newline
      return;
    }
    if (name === "pre" && (element.textContent || "").startsWith("\n")) out.push("\n");
    const shadow = shadowRoot(element);
    if (shadow) {
      out.push("<shadow-root>");
      children(shadow, seen);
      out.push("</shadow-root>");
    }
    if (!OPAQUE.has(name)) children(element, seen && !UNSTYLED.has(name));
  };

  const write = (node, seen) => {
    if (node.nodeType === Node.TEXT_NODE || node.nodeType === Node.CDATA_SECTION_NODE) {
      const parent = node.parentNode;
      const raw = parent && parent.nodeType === Node.ELEMENT_NODE && RAW.has(localName(parent));
      out.push(raw ? node.data : text(node.data));
    } else if (node.nodeType === Node.ELEMENT_NODE) {
      const name = localName(node);
      const inside = openTag(node, name, seen);
      if (VOID.has(name)) return;
      content(node, name, inside);
      out.push("</", name, ">");
      if (name === "iframe") frame(node, inside);
    }
  };

  out.push("<!DOCTYPE html>");
  if (document.documentElement) write(document.documentElement, true);
  return out.join("");
}
