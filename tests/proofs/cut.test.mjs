// A link between two machines whose cable is cut and mended: docs/decisions/0002.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Device } from '../lib/device.mjs';
import { Network } from '../lib/network.mjs';
import { until } from '../lib/until.mjs';

// Without it a page that may not use the camera offers names that only multicast DNS resolves.
const PLAIN_ADDRESSES = '--disable-features=WebRtcHideLocalIpsWithMdns';
const skip = Network.lack() ?? false;

let network, devices;

before(async () => {
  if (skip) return;
  network = new Network();
  const started = network.places.map((place) => (
    Device.start(`cut-${place.card}`, { place, arguments: [PLAIN_ADDRESSES] })
  ));
  devices = await Promise.all(started);
  await Promise.all(devices.map((device) => device.open('about:blank')));
});

after(async () => {
  for (const device of devices ?? []) await device.discard();
  network?.discard();
});

test('after a short cut the same link goes on, and nothing sent meanwhile is lost', { skip }, async (context) => {
  await connect();
  const cut = cutNow(context);
  await reach('disconnected', cut);
  await devices[0].page.evaluate(() => window.channel.send('sold while cut'));
  network.mend();
  const mended = timer(context, 'mended');
  await reach('connected', mended);
  await until('what was sent arrives', () => devices[1].page.evaluate(() => window.got.length > 0));
  mended('what was sent has arrived');
  assert.deepEqual(await devices[1].page.evaluate(() => window.got), ['sold while cut']);
});

test('after a long cut the link has failed for good, and a new one takes its place at once', { skip }, async (context) => {
  await connect();
  const cut = cutNow(context);
  await reach('failed', cut);
  network.mend();
  const states = await Promise.all(devices.map(state));
  assert.deepEqual(states, ['failed', 'failed']);
  const mended = timer(context, 'mended');
  await connect();
  mended('a new link is open');
  await devices[0].page.evaluate(() => window.channel.send('and on'));
  await until('the new link carries', () => devices[1].page.evaluate(() => window.got[0] === 'and on'));
});

/** Links both pages anew, the signals carried by hand as a QR code would. */
async function connect() {
  await Promise.all(devices.map((device) => device.page.evaluate(prepare)));
  const offer = await devices[0].page.evaluate(() => window.describe());
  const answer = await devices[1].page.evaluate((remote) => window.describe(remote), offer);
  await devices[0].page.evaluate((remote) => window.peer.setRemoteDescription(remote), answer);
  await until('the channel is open on both sides', async () => {
    const states = devices.map((device) => device.page.evaluate(() => window.channel.readyState));
    return (await Promise.all(states)).every((now) => now === 'open');
  });
}

function prepare() {
  window.peer?.close();
  const peer = new RTCPeerConnection({ iceServers: [] });
  window.peer = peer;
  window.got = [];
  window.channel = peer.createDataChannel('live', { negotiated: true, id: 0 });
  window.channel.onmessage = ({ data }) => window.got.push(data);
  window.describe = async (remote) => {
    if (remote) await peer.setRemoteDescription(remote);
    await peer.setLocalDescription();
    while (peer.iceGatheringState !== 'complete') {
      await new Promise((next) => peer.addEventListener('icegatheringstatechange', next, { once: true }));
    }
    return peer.localDescription.toJSON();
  };
}

function cutNow(context) {
  network.cut();
  return timer(context, 'cut');
}

function timer(context, since) {
  const start = performance.now();
  return (what) => {
    const seconds = ((performance.now() - start) / 1_000).toFixed(1);
    context.diagnostic(`${what} ${seconds} s after the cable was ${since}`);
  };
}

const state = (device) => device.page.evaluate(() => window.peer.connectionState);

async function reach(wanted, tell) {
  const both = async () => (await Promise.all(devices.map(state))).every((now) => now === wanted);
  await until(`both sides are ${wanted}`, both, 40_000);
  tell(`both sides are ${wanted}`);
}
