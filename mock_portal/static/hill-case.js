// One case: summary, actions, and the thread, newest first, ten messages a page.
(() => {
  const { word, h, ask, guarded, alertIn } = window.hill;
  const root = document.getElementById("hill-view-case");
  const caseId = new URLSearchParams(location.search).get("caseID");
  const PAGE_SIZE = 10;
  // what asks for a page; the next one's token comes with each answer
  let tokens = [null];

  function load(page) {
    const token = tokens[page - 1];
    const more = token ? `&currentToken=${encodeURIComponent(token)}` : "";
    return ask(`/ViewCase?caseId=${caseId}&timeZone=UTC&pageSize=${PAGE_SIZE}${more}`);
  }

  function summary(meta) {
    const lines = [
      ["case_id", meta.caseId], ["column_status", meta.caseStatusText], ["support_type", meta.caseSupportType],
      ["column_email", meta.primaryEmail], ["created", meta.creationDateText],
    ];
    return h("kat-box", { class: "case-summary" }, h("h2", {}, word("case_summary")),
      ...lines.flatMap(([key, value]) => [
        h("span", { class: "case-summary-label" }, `${word(key)}:`),
        h("span", { class: "case-summary-value", "data-testid": `case-${key}`, dir: "auto" }, value),
      ]));
  }

  function contact(found) {
    const body = h("div", { class: "contact-body", dir: "auto" });
    body.innerHTML = found.message;
    return h("kat-box", { class: "contact" },
      h("div", { class: "contact-head" },
        h("div", {}, h("span", { "data-testid": "sender-label" }, found.sender), h("span", { "data-testid": "reciever" }, `${word("receiver")}: ${found.receiver}`)),
        h("div", { class: "contact-when" }, h("span", { class: "contact-date" }, found.dateText), h("span", { class: "contact-time" }, found.timeText))),
      body, found.messageTruncated ? more(found, body) : null, files(found.attachments));
  }

  // The rest of a long message comes when somebody asks for it.
  function more(found, body) {
    const place = h("div", { class: "see-more" });
    const button = (key, act) => h("kat-button", { label: word(key), variant: "link", "on:kat-press": act });
    const fold = () => {
      body.innerHTML = found.message;
      place.replaceChildren(button("see_more", unfold));
    };
    const unfold = () => guarded(root, async () => {
      const full = await ask(`/ViewContact?caseId=${caseId}&contactId=${found.contactId}`);
      body.innerHTML = full.message;
      place.replaceChildren(button("see_less", fold));
    });
    place.append(button("see_more", unfold));
    return place;
  }

  function files(attachments) {
    if (!attachments) return null;
    return h("ul", { class: "contact-attachments" }, ...attachments.map((file) =>
      h("li", {}, h("a", { class: "contact-attachment", href: file.url, download: file.fileName }, file.fileName))));
  }

  function actions(meta, slot) {
    if (!meta.canEditCase) return h("div", { class: "view-case-actions" });
    const button = (label, name, act, variant) => h("kat-button", { label: word(label), class: name, variant, "on:kat-press": act });
    const reply = async () => slot.replaceChildren(await window.hillReply.panel(caseId, sent, () => slot.replaceChildren()));
    const close = () => slot.replaceChildren(h("kat-box", { class: "close-panel" },
      h("p", {}, word("close_question", { id: caseId })),
      button("close_confirm", "hill-close-confirm", confirmClose, "primary"), button("keep_open", "hill-keep-open", () => slot.replaceChildren())));
    return h("div", { class: "view-case-actions" },
      button("reply", "hill-reply-button", () => guarded(root, reply), "primary"), button("close_case", "hill-close-button", close));
  }

  const sent = () => show(1, "sent");

  const confirmClose = () => guarded(root, async () => {
    await ask(`/CloseCase?caseId=${caseId}`, { body: { caseId } });
    await show(1, "closed_done");
  });

  function thread(view, page) {
    const pages = Math.max(1, Math.ceil(view.totalNumberOfContacts / PAGE_SIZE));
    tokens[page] = view.currentToken;
    return h("div", { class: "view-case-thread" },
      h("div", { class: "view-case-contacts", "data-total": String(view.totalNumberOfContacts) }, ...view.contactList.map(contact)),
      pages > 1 ? h("kat-pagination", { page: String(page), pages: String(pages), "on:kat-page": (event) => turn(event.detail.page) }) : null);
  }

  // Pages are reached one after the other, since each one's token comes with the page before it.
  const turn = (page) => guarded(root, async () => {
    while (tokens.length < page) tokens[tokens.length] = (await load(tokens.length)).currentToken;
    root.querySelector(".view-case-thread").replaceWith(thread(await load(page), page));
  });

  async function show(page, notice) {
    await guarded(root, async () => {
      tokens = [null];
      const view = await load(page);
      const slot = h("div", { class: "view-case-form" });
      const meta = view.viewCaseMetaData;
      document.title = `${meta.caseId} ${meta.caseTitle}`;
      root.replaceChildren(
        h("a", { class: "back", href: "/cu/case-lobby" }, `‹ ${word("case_log")}`),
        h("h1", { class: "case-title", dir: "auto" }, meta.caseTitle),
        h("div", { class: "view-case-columns" }, summary(meta), h("div", {}, actions(meta, slot), slot, thread(view, page))));
      if (notice) alertIn(root, "success", word(notice));
      if (!meta.canEditCase) root.append(h("p", { class: "no-reply" }, word(meta.isFinal ? "closed_note" : "view_only_note")));
    });
  }

  root.append(h("div", { class: "hill-loading" }, h("kat-spinner")));
  show(1);
})();
