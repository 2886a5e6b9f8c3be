// Lists of pools arrive in pages. The server decides how many pools a page has.

/** Request a list page by page, until it is complete. Each page is handled like any reply. */
export async function allPools(app, name, gameId) {
  let [offset, total, count] = [0, 0, 0];
  do {
    const page = await app.ask(name, { game_id: gameId, offset });
    // A pool has ended. The pools behind it have moved up, and one of them may be missing: start over.
    if (page.total < total) return allPools(app, name, gameId);
    total = page.total;
    count = Object.keys(page.pools_list).length;
    offset += count;
  } while (count > 0 && offset < total);
}
