const text = document.getElementById("take-text");
document.getElementById("take").addEventListener("click", async (event) => {
  await navigator.clipboard.writeText(text.value);
  window.open(event.target.dataset.url, "_blank", "noopener,noreferrer");
});
