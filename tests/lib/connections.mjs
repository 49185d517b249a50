// The WebRTC connections of a page, asked through the browser's own debugger: nothing is put into
// the page, and nothing there is replaced.

/**
 * Every connection that the page made and still holds: `{ state, transport, channels }`, the
 * latter two `{ sent, received }` in bytes. `channels` is what the app handed over and got (all
 * data channels of the connection), `transport` what went over the network for it.
 */
export async function connectionsOf({ context, page }) {
  const session = await context.newCDPSession(page);
  try {
    const kind = await session.send('Runtime.evaluate', { expression: 'RTCPeerConnection.prototype' });
    const held = await session.send('Runtime.queryObjects', { prototypeObjectId: kind.result.objectId });
    const asked = await session.send('Runtime.callFunctionOn', {
      objectId: held.objects.objectId,
      functionDeclaration: String(describe),
      awaitPromise: true,
      returnByValue: true,
    });
    if (asked.exceptionDetails) throw new Error(asked.exceptionDetails.exception.description);
    return asked.result.value;
  } finally {
    await session.detach();
  }
}

/** The one connection of the page that is open. */
export async function openConnection(device) {
  const open = (await connectionsOf(device)).filter(({ state }) => state === 'connected');
  if (open.length !== 1) throw new Error(`${device.name} has ${open.length} open connections`);
  return open[0];
}

/** Runs in the page, on the list of its connections. */
function describe() {
  const sum = (reports, type) => {
    const found = reports.filter((report) => report.type === type);
    const of = (name) => found.reduce((total, report) => total + report[name], 0);
    return { sent: of('bytesSent'), received: of('bytesReceived') };
  };
  return Promise.all(this.map(async (connection) => {
    const reports = [...(await connection.getStats()).values()];
    return {
      state: connection.connectionState,
      transport: sum(reports, 'transport'),
      channels: sum(reports, 'data-channel'),
    };
  }));
}
