// The lobby's state in the address, and the form of the filter tab.
window.hillFilters = (() => {
  const { data, word, h } = window.hill;
  const DEFAULTS = { tab: "all_cases", sortFilter: "creationDate", sortByAscOrDesc: "DESC", size: "10", page: "1", searchText: "", status: "", email: "", dateRange: "30d", from: "", to: "" };

  function read() {
    const given = new URLSearchParams(location.search);
    return Object.fromEntries(Object.entries(DEFAULTS).map(([key, usual]) => [key, given.get(key) || usual]));
  }

  function remember(state) {
    const changed = Object.entries(state).filter(([key, value]) => key === "tab" || value !== DEFAULTS[key]);
    history.replaceState(null, "", `${location.pathname}?${new URLSearchParams(changed)}`);
  }

  function request(state) {
    return {
      page: Number(state.page) - 1,
      searchPageSize: Number(state.size),
      sortBy: state.sortFilter[0].toUpperCase() + state.sortFilter.slice(1),
      sortByOrder: state.sortByAscOrDesc,
      getCountOnly: false,
      caseFilters: {
        caseOwner: "MerchantCases", searchText: state.searchText || undefined, lobbyTab: state.tab,
        caseStatus: state.status ? state.status.split(",") : undefined, primaryEmail: state.email || undefined,
        dateRange: state.dateRange, from: state.from || undefined, to: state.to || undefined,
      },
    };
  }

  function form(state, apply) {
    const chosen = state.status.split(",");
    const boxes = data.statuses.map(([name, label]) =>
      h("kat-checkbox", { name, label, checked: chosen.includes(name) }));
    const range = h("kat-dropdown", { class: "hill-case-lobby-date-range", label: word("filter_range"), value: state.dateRange },
      ...data.ranges.map((value) => h("kat-option", { value }, word(`range_${value}`))));
    const from = h("kat-input", { type: "date", label: word("filter_from"), value: state.from });
    const to = h("kat-input", { type: "date", label: word("filter_to"), value: state.to });
    const email = h("kat-input", { class: "hill-case-lobby-email", label: word("filter_email"), value: state.email });
    const collect = () => apply({
      status: boxes.filter((box) => box.checked).map((box) => box.getAttribute("name")).join(","),
      dateRange: range.value, from: from.value, to: to.value, email: email.value,
    });
    return h("div", { class: "lobby-filters hill-case-lobby-filters" }, ...boxes, range, from, to, email,
      h("kat-button", { label: word("filter_apply"), variant: "primary", "on:kat-press": collect }));
  }

  return { read, remember, request, form };
})();
