// The reply panel: channels as tabs, a text area, files that are uploaded as soon as they are chosen.
window.hillReply = (() => {
  const { data, word, h, ask, guarded } = window.hill;

  // Files for a case, or for a new one; the ids of what went up are added to `uploads`.
  function uploader(panel, uploads, caseId) {
    const { files, megabytes, types } = data.fileRules;
    const rules = word("file_rules", { files, size: megabytes, types: types.join(", ") });
    const box = h("kat-file-upload", { label: word("add_files"), rules });
    box.addEventListener("kat-files", async (event) => {
      for (const file of event.detail.files) await send(file);
    });

    async function send(file) {
      const chip = box.chip(file.name);
      await guarded(panel, async () => {
        const form = new FormData();
        form.append("files", file);
        try {
          uploads.push((await ask(`/UploadAttachment${caseId ? `?caseId=${caseId}` : ""}`, { form })).uploadId);
          chip.dataset.state = "success";
          chip.title = word("upload_done");
        } catch (error) {
          chip.dataset.state = "error";
          throw error;
        }
      });
    }

    return box;
  }

  async function panel(caseId, sent, cancel) {
    const { channels } = await ask(`/GetReplyChannels?caseId=${caseId}`);
    const root = h("kat-box", { class: "reply-panel" });
    const uploads = [];
    const text = h("kat-textarea", { label: word("reply_label") });
    const send = h("kat-button", { label: word("send_short"), variant: "primary", class: "hill-send-button" });
    send.addEventListener("kat-press", () => {
      send.setAttribute("disabled", "");
      guarded(root, async () => {
        await ask(`/ReplyToCase?caseId=${caseId}`, { body: { message: text.value, uploadIds: uploads, channel: "Email" } });
        await sent();
      }).finally(() => send.removeAttribute("disabled"));
    });
    const email = h("div", { class: "reply-email" }, text, uploader(root, uploads, caseId),
      h("div", { class: "reply-buttons" }, send, h("kat-button", { label: word("cancel"), "on:kat-press": cancel })));
    const tabs = h("kat-tabs", { selected: "Email" },
      ...channels.map(({ type }) => h("kat-tab", { "tab-id": type, label: word(`channel_${type.toLowerCase()}`) })));
    const chat = h("p", { class: "reply-chat", hidden: true }, word("chat_note"));
    tabs.addEventListener("kat-change", (event) => {
      email.hidden = event.detail.value !== "Email";
      chat.hidden = !email.hidden;
    });
    root.append(tabs, email, chat);
    return root;
  }

  return { panel, uploader };
})();
