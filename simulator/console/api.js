// Calls of the routes under /++/: the console knows nothing that a script with the key could not know.

const STORED = "aoai-simulator-key";

export const key = {
  get: () => sessionStorage.getItem(STORED) ?? "",
  set: (value) => sessionStorage.setItem(STORED, value),
  forget: () => sessionStorage.removeItem(STORED),
};

export class Refused extends Error {
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

export async function call(path, options = {}) {
  const headers = { "api-key": utf8(key.get()), ...options.headers };
  if (options.json !== undefined) {
    headers["content-type"] = "application/json";
    options = { ...options, body: JSON.stringify(options.json) };
  }
  const answer = await fetch(path, { ...options, headers, cache: "no-store" });
  if (!answer.ok) throw new Refused(answer.status, await message(answer));
  return answer;
}

// A header takes one byte for each letter.
const utf8 = (value) => String.fromCharCode(...new TextEncoder().encode(value));

export const json = async (path, options) => (await call(path, options)).json();
export const text = async (path, options) => (await call(path, options)).text();

async function message(answer) {
  const hint = answer.headers.get("x-simulator-hint");
  const body = await answer.text();
  try {
    const document = JSON.parse(body);
    return hint ?? document.error?.message ?? document.message ?? body;
  } catch {
    return hint ?? (body || `status ${answer.status}`);
  }
}
