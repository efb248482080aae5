// Custom elements in the manner of the original's component library: open shadow roots, controls inside them.
// Written for this mock. Buttons, tabs, options and pagers ignore events that no person caused.
(() => {
  const FONT = "font: 14px/1.4 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', Arial, 'Noto Sans CJK SC', sans-serif;";

  class KatElement extends HTMLElement {
    static style = "";

    constructor() {
      super();
      this.attachShadow({ mode: "open" });
    }

    connectedCallback() {
      if (this.built) return;
      this.built = true;
      const style = document.createElement("style");
      style.textContent = `:host { display: inline-block; ${FONT} } :host([hidden]) { display: none; } ${this.constructor.style}`;
      this.shadowRoot.append(style);
      this.build(this.shadowRoot);
    }

    part(tag, attributes = {}, text = "") {
      const made = document.createElement(tag);
      for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
      made.textContent = text;
      this.shadowRoot.append(made);
      return made;
    }

    word(name) {
      return this.getAttribute(name) || "";
    }

    tell(name, detail = {}) {
      this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true, detail }));
    }

    // Calls back only for a click that a person (or a driven browser's real input) made.
    onPress(part, act) {
      part.addEventListener("click", (event) => {
        if (event.isTrusted) act(event);
      });
    }
  }

  class KatButton extends KatElement {
    static style = `button { ${FONT} padding: .4rem .9rem; border-radius: 3px; border: 1px solid #8b98a5; background: #fff; color: #17202b; cursor: pointer; white-space: nowrap; }
      button:hover { background: #eef2f5; } button:disabled { opacity: .5; cursor: default; }
      :host([variant="primary"]) button { background: #0a7c86; border-color: #0a7c86; color: #fff; }
      :host([variant="link"]) button { border: 0; background: none; color: #0a7c86; padding: 0; }`;
    static observedAttributes = ["disabled"];

    build() {
      this.button = this.part("button", { type: "button", part: "button" }, this.word("label"));
      this.button.disabled = this.hasAttribute("disabled");
      this.onPress(this.button, () => this.tell("kat-press"));
    }

    attributeChangedCallback() {
      if (this.button) this.button.disabled = this.hasAttribute("disabled");
    }
  }

  class KatInput extends KatElement {
    static style = `label { display: block; font-weight: 600; font-size: .85rem; margin-bottom: .2rem; }
      input { ${FONT} width: 100%; padding: .38rem .6rem; border: 1px solid #8b98a5; border-radius: 3px; box-sizing: border-box; }`;

    build() {
      if (this.word("label")) this.part("label", { for: "input" }, this.word("label"));
      const type = this.word("type") || "text";
      this.input = this.part("input", { id: "input", type, placeholder: this.word("placeholder") });
      if (this.word("label")) this.input.setAttribute("aria-label", this.word("label"));
      this.input.value = this.word("value");
      this.input.addEventListener("keydown", (event) => {
        if (event.key === "Enter") this.tell("kat-submit");
      });
    }

    get value() {
      return this.input ? this.input.value : this.word("value");
    }
  }

  class KatTextarea extends KatElement {
    static style = `label { display: block; font-weight: 600; font-size: .85rem; margin-bottom: .2rem; }
      textarea { ${FONT} width: 100%; min-height: 9rem; padding: .5rem .6rem; border: 1px solid #8b98a5; border-radius: 3px; box-sizing: border-box; }`;

    build() {
      this.part("label", { for: "area" }, this.word("label"));
      this.area = this.part("textarea", { id: "area", dir: "auto", "aria-label": this.word("label") });
    }

    get value() {
      return this.area.value;
    }
  }

  class KatCheckbox extends KatElement {
    static style = "label { display: inline-flex; gap: .35rem; align-items: center; cursor: pointer; }";

    build() {
      const label = this.part("label");
      this.box = document.createElement("input");
      this.box.type = "checkbox";
      this.box.checked = this.hasAttribute("checked");
      label.append(this.box, this.word("label"));
    }

    get checked() {
      return this.box.checked;
    }
  }

  class KatOption extends KatElement {
    static style = ":host { display: block; padding: .4rem .8rem; cursor: pointer; } :host(:hover) { background: #eef2f5; }";

    build() {
      this.part("slot");
    }
  }

  class KatDropdown extends KatElement {
    static style = `:host { position: relative; } .label { display: block; font-weight: 600; font-size: .85rem; margin-bottom: .2rem; }
      .header { ${FONT} min-width: 8rem; text-align: left; padding: .38rem .7rem; border: 1px solid #8b98a5; border-radius: 3px; background: #fff; cursor: pointer; }
      .header::after { content: "▾"; float: right; margin-left: 1rem; }
      .options { display: none; position: absolute; z-index: 4; min-width: 100%; background: #fff; border: 1px solid #8b98a5; border-radius: 3px; box-shadow: 0 4px 12px #0003; }
      :host([open]) .options { display: block; }`;

    build(root) {
      if (this.word("label")) this.part("span", { class: "label" }, this.word("label"));
      this.header = this.part("button", { type: "button", class: "header", "aria-haspopup": "listbox" });
      const list = this.part("div", { class: "options", role: "listbox" });
      list.append(document.createElement("slot"));
      this.onPress(this.header, () => this.toggleAttribute("open"));
      this.onPress(this, (event) => {
        const option = event.target.closest("kat-option");
        if (!option) return;
        this.setAttribute("value", option.getAttribute("value"));
        this.removeAttribute("open");
        this.paint();
        this.tell("kat-change", { value: this.value });
      });
      this.paint();
    }

    paint() {
      const chosen = [...this.querySelectorAll("kat-option")].find((option) => option.getAttribute("value") === this.value);
      this.header.textContent = chosen ? chosen.textContent : "";
    }

    get value() {
      return this.word("value");
    }
  }

  class KatTab extends KatElement {
    static style = `:host { padding: .55rem 1rem; cursor: pointer; color: #566573; border-bottom: 3px solid transparent; font-weight: 600; }
      :host(:hover) { color: #17202b; } :host([selected]) { color: #0a7c86; border-bottom-color: #0a7c86; }`;

    build() {
      this.setAttribute("role", "tab");
      this.part("span", {}, this.word("label"));
    }
  }

  class KatTabs extends KatElement {
    static style = ":host { display: block; border-bottom: 1px solid #d5dbe1; }";

    build() {
      this.setAttribute("role", "tablist");
      this.part("slot");
      this.select(this.word("selected"));
      this.onPress(this, (event) => {
        const tab = event.target.closest("kat-tab");
        if (!tab) return;
        this.select(tab.getAttribute("tab-id"));
        this.tell("kat-change", { value: this.word("selected") });
      });
    }

    select(id) {
      this.setAttribute("selected", id);
      for (const tab of this.querySelectorAll("kat-tab")) tab.toggleAttribute("selected", tab.getAttribute("tab-id") === id);
    }
  }

  class KatIcon extends KatElement {
    static style = ":host { font-weight: 700; }";

    build() {
      const shapes = { "chevron-right": "›", "chevron-left": "‹" };
      this.part("span", { "aria-hidden": "true" }, shapes[this.word("name")] || "");
    }
  }

  class KatPagination extends KatElement {
    static style = `nav { display: flex; gap: .3rem; align-items: center; }
      .step, .number { ${FONT} border: 1px solid transparent; border-radius: 3px; background: none; padding: .25rem .6rem; cursor: pointer; color: #0a7c86; }
      .number[aria-current] { border-color: #0a7c86; font-weight: 700; } .step:disabled { color: #b5bec7; cursor: default; }`;
    static observedAttributes = ["page", "pages"];

    build() {
      this.nav = this.part("nav");
      this.paint();
    }

    attributeChangedCallback() {
      if (this.nav) this.paint();
    }

    paint() {
      const page = Number(this.word("page")), pages = Number(this.word("pages"));
      const near = new Set([1, pages, page - 1, page, page + 1].filter((number) => number >= 1 && number <= pages));
      this.nav.replaceChildren(
        this.step("chevron-left", page - 1, page <= 1),
        ...[...near].sort((one, other) => one - other).map((number) => this.number(number, page)),
        this.step("chevron-right", page + 1, page >= pages),
      );
    }

    step(name, target, disabled) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "step";
      button.disabled = disabled;
      const icon = document.createElement("kat-icon");
      icon.setAttribute("name", name);
      button.append(icon);
      this.onPress(button, () => this.tell("kat-page", { page: target }));
      return button;
    }

    number(number, page) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "number";
      button.textContent = String(number);
      if (number === page) button.setAttribute("aria-current", "page");
      this.onPress(button, () => this.tell("kat-page", { page: number }));
      return button;
    }
  }

  class KatBox extends KatElement {
    static style = ":host { display: block; background: #fff; border: 1px solid #d5dbe1; border-radius: 4px; padding: 1rem 1.2rem; }";

    build() {
      this.part("slot");
    }
  }

  class KatDataTable extends KatElement {
    static style = ":host { display: block; border: 1px solid #d5dbe1; border-radius: 4px; }";

    build() {
      this.part("slot");
    }
  }

  class KatAlert extends KatElement {
    static style = `:host { display: block; border: 1px solid #bcd6ec; background: #eef5fb; border-radius: 4px; padding: .6rem .9rem; margin: .6rem 0; }
      :host([variant="danger"]) { border-color: #e6b1ac; background: #fdf0ef; color: #a61b12; }
      :host([variant="success"]) { border-color: #b0d8bd; background: #edf8f0; color: #1c5f36; }`;

    build() {
      this.setAttribute("role", this.word("variant") === "danger" ? "alert" : "status");
      this.part("span", {}, this.word("description"));
    }
  }

  class KatSpinner extends KatElement {
    static style = `div { width: 2rem; height: 2rem; margin: auto; border: .25rem solid #d5dbe1; border-top-color: #0a7c86; border-radius: 50%; animation: turn 1s linear infinite; }
      @keyframes turn { to { transform: rotate(360deg); } }`;

    build() {
      this.part("div", { role: "progressbar", "aria-busy": "true" });
    }
  }

  // One file input; each chosen file becomes a chip, whose state says whether the upload went well.
  class KatFileUpload extends KatElement {
    static style = `label { display: block; font-weight: 600; font-size: .85rem; margin-bottom: .2rem; } .rules { color: #566573; font-size: .8rem; margin: .2rem 0; }
      .chips { display: flex; flex-wrap: wrap; gap: .4rem; margin-top: .4rem; }
      .chip { border: 1px solid #8b98a5; border-radius: 1rem; padding: .1rem .7rem; } .chip[data-state="success"] { border-color: #2c8a4b; background: #edf8f0; }
      .chip[data-state="error"] { border-color: #a61b12; background: #fdf0ef; color: #a61b12; }`;

    build() {
      this.part("label", { for: "file" }, this.word("label"));
      this.input = this.part("input", { id: "file", type: "file", multiple: "" });
      this.part("p", { class: "rules" }, this.word("rules"));
      this.chips = this.part("div", { class: "chips" });
      this.input.addEventListener("change", () => {
        this.tell("kat-files", { files: [...this.input.files] });
        this.input.value = "";
      });
    }

    chip(name) {
      const chip = document.createElement("span");
      chip.className = "chip";
      chip.dataset.state = "loading";
      chip.textContent = name;
      this.chips.append(chip);
      return chip;
    }
  }

  const elements = {
    "kat-button": KatButton, "kat-input": KatInput, "kat-textarea": KatTextarea, "kat-checkbox": KatCheckbox,
    "kat-option": KatOption, "kat-dropdown": KatDropdown, "kat-tab": KatTab, "kat-tabs": KatTabs, "kat-icon": KatIcon,
    "kat-pagination": KatPagination, "kat-box": KatBox, "kat-data-table": KatDataTable,
    "kat-alert": KatAlert, "kat-spinner": KatSpinner, "kat-file-upload": KatFileUpload,
  };
  for (const [name, element] of Object.entries(elements)) customElements.define(name, element);
})();
