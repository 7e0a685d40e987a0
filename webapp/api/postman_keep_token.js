// After a sign-in: its token is the one that the next requests use.
if (pm.response.code === 200 && (pm.response.headers.get("Content-Type") || "").includes("json")) {
  const answer = pm.response.json();
  const data = (answer && answer.data) || answer || {};
  const token = data.token || data.access_token;
  if (typeof token === "string") {
    pm.collectionVariables.set("token", token);
  }
}
