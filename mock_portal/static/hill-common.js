// What every page of this face needs: its data, words, elements by function, and the way to its JSON.
window.hill = (() => {
  const data = JSON.parse(document.getElementById("page-data").textContent);

  function word(key, values = {}) {
    return data.words[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }

  function number(value) {
    return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, data.thousands);
  }

  // h("kat-button", { label: "Go", "on:kat-press": act }, ...children)
  function h(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on:")) made.addEventListener(name.slice(3), value);
      else if (value === true) made.setAttribute(name, "");
      else if (value !== false && value != null) made.setAttribute(name, value);
    }
    made.append(...children.filter((child) => child != null));
    return made;
  }

  function token() {
    return document.querySelector('meta[name="anti-csrftoken-a2z"]').content;
  }

  class Refused extends Error {}

  // Parsed JSON. Sends to the sign-in on 401; throws Refused with what to tell the visitor for other errors.
  async function ask(path, { body, form } = {}) {
    const headers = { "anti-csrftoken-a2z": token() };
    if (body) headers["Content-Type"] = "application/json";
    const answer = await fetch(data.service + path, {
      method: body || form ? "POST" : "GET", headers, body: form || (body && JSON.stringify(body)),
    });
    if (answer.status === 401) {
      location.assign(`${data.signIn}?returnTo=${encodeURIComponent(location.pathname + location.search)}`);
      return new Promise(() => {});
    }
    if (!answer.ok) throw new Refused(await refusal(answer));
    return answer.json();
  }

  async function refusal(answer) {
    if (answer.status === 429) return word("throttled_text");
    if (answer.status === 403) return word("denied_text");
    if (answer.status === 404) return word("not_found_text");
    if (answer.status === 400) return (await answer.json()).message;
    return word("error_text");
  }

  // Runs `work`; a refusal becomes an alert in `root`, anything else leaves the page as empty as a crashed app.
  async function guarded(root, work) {
    try {
      await work();
    } catch (error) {
      if (error instanceof Refused) alertIn(root, "danger", error.message);
      else if (error instanceof TypeError) alertIn(root, "danger", word("error_text"));
      else {
        (document.querySelector("main") || root).replaceChildren();
        throw error;
      }
    }
  }

  function alertIn(root, variant, description) {
    for (const old of root.querySelectorAll("kat-alert")) old.remove();
    root.prepend(h("kat-alert", { variant, description }));
  }

  return { data, word, number, h, ask, guarded, alertIn };
})();
