// The page's one script, and it can do without: on a server that only hands out files it says that the page is stale, by
// the stamp that the controller renews.

export const FRESH_SCRIPT = `(() => {
  const { base, staleAfterMs } = document.currentScript.dataset;
  const look = async () => {
    const place = document.getElementById("stale");
    try {
      const answer = await fetch(base + "freshness.json", { cache: "no-store" });
      const { atMs } = await answer.json();
      place.hidden = Date.now() - atMs <= Number(staleAfterMs);
      document.getElementById("since").textContent = new Date(atMs).toISOString().slice(0, 16).replace("T", " ") + " UTC";
    } catch {
      // Nobody knows: what the server said stands.
    }
  };
  look();
  setInterval(look, 60000);
})();
`;
