// Server-sent events (HTML, 9.2) in the distinct-connections mode of the GraphQL over SSE protocol.

/** The answers that a body carries, each parsed. Ends at the event `complete`. */
export async function* events(body) {
  for await (const { event, data } of messages(body)) {
    if (event === 'complete') return;
    if (event === 'next') yield JSON.parse(data);
  }
}

async function* messages(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const parts = (rest + value.replaceAll('\r', '')).split('\n\n');
    rest = parts.pop();
    for (const part of parts) yield message(part);
  }
}

function message(text) {
  const found = { event: 'message', data: '' };
  for (const line of text.split('\n')) {
    const [, name, value] = /^(event|data): ?(.*)$/.exec(line) ?? [];
    if (name === 'event') found.event = value;
    if (name === 'data') found.data += value;
  }
  return found;
}
