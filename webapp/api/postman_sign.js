// X-Signature: HMAC-SHA256 of the body as it will be sent, keyed by the API key where this request carries one, else
// by the token. An API key that is not set is not sent either.
const mayUseKey = pm.request.headers.has("X-API-Key");
const apiKey = mayUseKey ? pm.variables.get("api_key") : "";
if (mayUseKey && !apiKey) {
  pm.request.headers.remove("X-API-Key");
}
const credential = apiKey || pm.variables.get("token");
const body = pm.request.body && pm.request.body.raw ? pm.variables.replaceIn(pm.request.body.raw) : "";
pm.request.headers.remove("X-Signature");
if (["POST", "PUT", "PATCH"].includes(pm.request.method) && body && credential) {
  const signature = CryptoJS.HmacSHA256(body, credential).toString(CryptoJS.enc.Hex);
  pm.request.headers.upsert({ key: "X-Signature", value: signature });
}
