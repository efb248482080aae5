// The account switcher's label paints late, as the original's does: whoever reads the header must wait for it.
(() => {
  const { data, h } = window.hill;
  const place = document.getElementById("navbar-account");
  if (!place) return;
  setTimeout(() => {
    place.replaceChildren(
      h("div", { class: "dropdown-account-switcher-header-label" },
        h("span", { class: "dropdown-account-switcher-header-label-global" }, data.store),
        h("span", { class: "dropdown-account-switcher-header-label-regional" }, data.marketplace)),
    );
  }, 350);
})();
