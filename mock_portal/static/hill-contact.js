// A new case. As in the original the form sits in a frame inside a custom element inside a frame.
(() => {
  const { data, word, h, ask, guarded, alertIn } = window.hill;

  customElements.define("hill-contact-assistant", class extends HTMLElement {
    connectedCallback() {
      if (this.shadowRoot) return;
      const frame = h("iframe", { src: this.getAttribute("src"), title: word("new_case"), style: "width: 100%; height: 40rem; border: 0" });
      this.attachShadow({ mode: "open" }).append(frame);
    }
  });

  const root = document.getElementById("hill-contact-form");
  if (!root) return;
  const uploads = [];
  const category = h("kat-dropdown", { label: word("category"), class: "new-case-category", value: data.categories[0] },
    ...data.categories.map((value) => h("kat-option", { value }, value)));
  const subject = h("kat-input", { label: word("subject"), class: "new-case-subject" });
  const text = h("kat-textarea", { label: word("description"), class: "new-case-text" });
  const files = window.hillReply.uploader(root, uploads);
  const submit = h("kat-button", { label: word("submit_case"), variant: "primary" });
  submit.addEventListener("kat-press", () => guarded(root, async () => {
    await ask("/CreateCase", { body: { category: category.value, shortDescription: subject.value, message: text.value, uploadIds: uploads } });
    for (const part of [category, subject, text, files, submit]) part.remove();
    alertIn(root, "success", word("case_created"));
  }));
  root.append(h("p", {}, word("new_case_intro")), category, subject, text, files, submit);
})();
