// The case lobby: tabs, search, filters, the table and its pager.
(() => {
  const { data, word, number, h, ask, guarded } = window.hill;
  const { read, remember, request, form } = window.hillFilters;
  const root = document.getElementById("hill-case-lobby");
  const TABS = { all_cases: "tab_all", your_cases: "tab_mine", cases_needing_attention: "tab_attention", filter_all_cases: "tab_filtered" };
  // where a column's cells take their text from, unless the name of the column is the key
  const TEXTS = { creationDate: "creationDateText", status: "statusText", lastReply: "lastReplyText" };
  const SORTABLE = ["creationDate", "caseId", "status", "shortDescription"];
  let state = read();

  function change(changes) {
    state = { ...state, page: "1", ...changes };
    remember(state);
    show();
  }

  function tabs() {
    return h("div", { class: "hill-case-lobby-tabs-container" },
      h("kat-tabs", { selected: state.tab, "on:kat-change": (event) => change({ tab: event.detail.value, status: "", email: "", dateRange: "30d", from: "", to: "" }) },
        ...Object.entries(TABS).map(([id, key]) => h("kat-tab", { "tab-id": id, label: word(key) }))));
  }

  function search() {
    const input = h("kat-input", { class: "hill-case-lobby-search-input", placeholder: word("search"), value: state.searchText });
    const go = () => change({ searchText: input.value.trim() });
    input.addEventListener("kat-submit", go);
    return h("div", { class: "lobby-search" }, input, h("kat-button", { label: word("search_button"), "on:kat-press": go }));
  }

  function head() {
    const cells = data.columns.map(([id, key]) => {
      const sorted = state.sortFilter === id;
      const arrow = sorted ? (state.sortByAscOrDesc === "DESC" ? " ▾" : " ▴") : "";
      const sort = (event) => {
        if (event.isTrusted) change({ sortFilter: id, sortByAscOrDesc: sorted && state.sortByAscOrDesc === "DESC" ? "ASC" : "DESC" });
      };
      return SORTABLE.includes(id)
        ? h("th", { class: `sortable hill-case-lobby-search-results-panel-${id}`, "on:click": sort }, word(key) + arrow)
        : h("th", { class: `hill-case-lobby-search-results-panel-${id}` }, word(key));
    });
    return h("thead", {}, h("tr", {}, ...cells, h("th", {}, word("column_action"))));
  }

  function row(found) {
    const cell = (id) => h("td", { class: `hill-case-lobby-search-results-panel-${id}`, dir: id === "shortDescription" ? "auto" : null }, found[TEXTS[id] || id]);
    const open = () => location.assign(`/cu/case-dashboard/view-case?caseID=${found.caseId}`);
    const label = found.isFinal ? word("view") : word("respond");
    return h("tr", {},
      ...data.columns.map(([id]) => cell(id)),
      h("td", {}, h("kat-button", { class: "hill-case-lobby-view-case-button", label, "on:kat-press": open })));
  }

  function bar(total) {
    const size = Number(state.size), first = (Number(state.page) - 1) * size + 1;
    const text = total
      ? word("summary", { first: number(first), last: number(Math.min(first + size - 1, total)), total: number(total) })
      : word("summary_none");
    return h("div", { class: "lobby-bar" },
      h("p", { class: "hill-case-lobby-search-results-panel-summary" }, text),
      h("kat-dropdown", { class: "hill-case-lobby-page-size", label: word("rows"), value: state.size, "on:kat-change": (event) => change({ size: event.detail.value }) },
        ...data.sizes.map((value) => h("kat-option", { value: String(value) }, String(value)))));
  }

  function pager(total) {
    const pages = Math.max(1, Math.ceil(total / Number(state.size)));
    const go = (page) => change({ page: String(Math.min(Math.max(1, page || 1), pages)) });
    const box = h("kat-input", { class: "hill-case-lobby-go-to-page", label: word("go_to_page"), value: state.page });
    return h("div", { class: "lobby-pager" },
      h("kat-pagination", { page: state.page, pages: String(pages), "on:kat-page": (event) => go(event.detail.page) }),
      h("div", { class: "lobby-go" }, box, h("kat-button", { label: word("go"), "on:kat-press": () => go(Number(box.value)) })));
  }

  function notes(found) {
    const filtering = state.tab === "filter_all_cases";
    return [
      filtering ? form(state, change) : data.windowDays ? h("p", { class: "lobby-note" }, word("window_note", { days: data.windowDays })) : null,
      found.resultsCapped ? h("kat-alert", { class: "hill-case-lobby-capped", description: word("capped", { cap: number(data.cap) }) }) : null,
    ];
  }

  async function show() {
    root.replaceChildren(h("div", { class: "hill-loading" }, h("kat-spinner")));
    await guarded(root, async () => {
      const found = await ask("/SearchForCases", { body: request(state) });
      const total = found.totalNumberOfResults;
      // the server may have shown another page, or another number of rows, than it was asked for
      const shown = { page: String(found.page + 1), size: String(found.searchPageSize) };
      if (shown.page !== state.page || shown.size !== state.size) remember(state = { ...state, ...shown });
      const table = total
        ? h("kat-data-table", {}, h("table", {}, head(), h("tbody", {}, ...found.caseSearchResultList.map(row))))
        : h("p", { class: "hill-case-lobby-no-results" }, word("no_cases"));
      root.replaceChildren(...[
        h("div", { class: "lobby-head" }, h("h1", {}, word("case_log")), h("a", { class: "new-case", href: "/cu/contact-us" }, word("new_case"))),
        tabs(), search(), ...notes(found), bar(total), table, pager(total),
        h("a", { class: "hill-case-lobby-export", href: `/cu/case-lobby/export${location.search}` }, word("export")),
      ].filter(Boolean));
    });
  }

  show();
})();
