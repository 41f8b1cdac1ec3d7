// What a person pastes or drops, as bytes of UTF-8 or whatever the log holds.

/** Formats that a browser does not unpack; kb does. */
const FOREIGN = [
  [[0x28, 0xb5, 0x2f, 0xfd], "zstd"],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], "xz"],
  [[0x42, 0x5a, 0x68], "bzip2"],
  [[0x50, 0x4b, 0x03, 0x04], "a zip archive"],
  [[0x4c, 0x50, 0x4b, 0x53, 0x48, 0x48, 0x52, 0x48], "a journal file"],
];

const TAR =
  "it is a tar archive, which was searched as one text, and what is packed in it was not; unpack it first";

/** The bytes of an input as they are searched, and why they could not be read to their end, or "". */
async function unpack(bytes) {
  const begins = (mark) => mark.every((byte, at) => bytes[at] === byte);
  const foreign = FOREIGN.find(([mark]) => begins(mark));
  if (foreign) return { bytes: new Uint8Array(), error: `is ${foreign[1]}, which a browser cannot unpack` };
  const { bytes: plain, error } = begins([0x1f, 0x8b, 8]) ? await gunzip(bytes) : { bytes, error: "" };
  const tar = latin(plain, 257, Math.max(257, Math.min(262, plain.length))) === "ustar";
  return { bytes: decoded(plain), error: tar ? TAR : error };
}

async function gunzip(bytes) {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")).getReader();
  const parts = [];
  let error = "";
  try {
    for (let part; !(part = await reader.read()).done; ) parts.push(part.value);
  } catch (_) {
    error = "is cut short, damaged, or several files packed as one; only its first part was read";
  }
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return { bytes: whole, error };
}

function decoded(bytes) {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return bytes.subarray(3);
  const order = { "255,254": "utf-16le", "254,255": "utf-16be" }[`${bytes[0]},${bytes[1]}`] || unmarked(bytes);
  if (order) return new TextEncoder().encode(new TextDecoder(order).decode(bytes));
  return isExport(bytes) ? fromExport(bytes) : bytes;
}

/** The name of UTF-16 without a mark, when nearly all units are letters and signs of ASCII. */
function unmarked(bytes) {
  const units = Math.min(bytes.length, TEXT_BYTES) >> 1;
  if (units < 16 || (bytes[0] !== 0 && bytes[1] !== 0)) return undefined;
  const shown = (byte, zero) => zero === 0 && (byte >= 32 || byte === 9 || byte === 10 || byte === 13);
  return ["utf-16le", "utf-16be"].find((order) => {
    const low = order === "utf-16le" ? 0 : 1;
    let ascii = 0;
    for (let at = 0; at < units; at++) ascii += shown(bytes[2 * at + low], bytes[2 * at + 1 - low]);
    return ascii * 10 >= units * 9;
  });
}

/** What runs in the worker: a table comes once, then logs; progress and results go back. */
function work(scope) {
  let prepared = null;
  scope.onmessage = async ({ data }) => {
    try {
      if (data.table) prepared = prepare(data.table);
      const inputs = [];
      for (const { name, modified, buffer } of data.logs) {
        inputs.push({ name, modified, ...(await unpack(new Uint8Array(buffer))) });
      }
      const total = inputs.reduce((sum, input) => sum + input.bytes.length, 0);
      scope.postMessage({ total });
      const found = triage(prepared, inputs, data.options, (read) => scope.postMessage({ read, total }));
      found.inputs.forEach((summary, at) => (summary.error = inputs[at].error));
      scope.postMessage({ found });
    } catch (error) {
      scope.postMessage({ failed: String((error && error.message) || error) });
    }
  };
}
