// How the page asks the desk: the header that only our own page can send, errors as one sentence, files in one piece.

export interface Refusal {
  code: string;
  message: string;
  where: string | null;
  hint: string | null;
}

/** What the desk refused; the sentence has been shown when this is thrown by `Live.api`. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly refusal: Refusal,
  ) {
    super(refusal.message);
  }
}

export type Answer = Record<string, any>;
export type Method = "GET" | "POST" | "PUT" | "DELETE";

/** Asks for a path of the desk; `lost` says what to tell when there is no desk any more. */
export async function ask(path: string, method: Method, body: unknown, language: string, lost: () => Refusal): Promise<{ answer: Answer; version: number | null }> {
  const headers: Record<string, string> = { "X-Govmap": "1", "X-Govmap-Language": language };
  const raw = body instanceof Blob;
  if (body !== undefined && !raw) headers["Content-Type"] = "application/json";
  let given: Response;
  try {
    const sent = body === undefined ? undefined : raw ? (body as Blob) : JSON.stringify(body);
    given = await fetch(path, { method, headers, body: sent, credentials: "same-origin", cache: "no-store" });
  } catch (error) {
    throw new Refused(0, lost());
  }
  const answer: Answer = await given.json().catch(() => ({ ok: false, error: lost() }));
  if (!given.ok || answer.error) throw new Refused(given.status, answer.error || lost());
  const version = Number(given.headers.get("X-Govmap-Version"));
  return { answer, version: version || null };
}

/** Sends one file as it is, and tells how much of it has gone. */
export function send(path: string, file: File, language: string, lost: () => Refusal, gone: (share: number) => void): Promise<Answer> {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("PUT", path);
    request.responseType = "json";
    request.setRequestHeader("X-Govmap", "1");
    request.setRequestHeader("X-Govmap-Language", language);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => gone(event.lengthComputable ? event.loaded / event.total : 0);
    request.onerror = () => failed(new Refused(0, lost()));
    request.onload = () => {
      const answer = request.response as Answer | null;
      if (answer && answer.ok) done(answer);
      else failed(new Refused(request.status, (answer && answer.error) || lost()));
    };
    request.send(file);
  });
}
