// A network of two places, joined by a cable that can be cut: Linux network namespaces, so that
// whatever a browser does, no packet gets from one place to the other while the cable is cut.
import { execFileSync } from 'node:child_process';

let networks = 0;

/** One end of the cable. What runs with `command` in front of it runs there. */
class Place {
  constructor(namespace, card, address) {
    Object.assign(this, { namespace, card, address });
    this.command = ['ip', 'netns', 'exec', namespace];
  }
}

export class Network {
  /** Why there can be no such network here; nothing when there can. */
  static lack() {
    if (process.platform !== 'linux') return 'network namespaces are Linux only';
    if (process.getuid() !== 0) return 'network namespaces need root';
    for (const program of [['ip', '-V'], ['nft', '--version']]) {
      try {
        execFileSync(program[0], [program[1]], { stdio: 'ignore' });
      } catch {
        return `there is no \`${program[0]}\`: install iproute2 and nftables`;
      }
    }
    return undefined;
  }

  /** Lays the cable. `places` are its two ends, each with its own loopback. */
  constructor() {
    networks += 1;
    const name = `tm${process.pid}-${networks}`;
    this.places = ['a', 'b'].map((end, index) => (
      new Place(`${name}${end}`, `${name}${end}`, `10.77.0.${index + 1}`)
    ));
    const [a, b] = this.places;
    for (const { namespace } of this.places) run('ip', 'netns', 'add', namespace);
    run('ip', 'link', 'add', a.card, 'netns', a.namespace, 'type', 'veth',
      'peer', 'name', b.card, 'netns', b.namespace);
    for (const place of this.places) {
      const there = (...words) => run('ip', '-n', place.namespace, ...words);
      there('link', 'set', 'lo', 'up');
      // No address of IPv6 a second later: a browser that sees its network change drops what it loads.
      there('link', 'set', place.card, 'addrgenmode', 'none');
      there('address', 'add', `${place.address}/24`, 'dev', place.card);
      there('link', 'set', place.card, 'up');
      // Browsers look for a way out before they offer an address.
      there('route', 'add', 'default', 'dev', place.card);
    }
  }

  /** Cuts the cable: both cards stay up, every packet is lost, as behind a switch that died. */
  cut() {
    for (const { command, card } of this.places) {
      // Where packets arrive. Dropped where they leave, the sender would be told.
      const rules = `table inet cut {
        chain arriving { type filter hook input priority 0; iifname "${card}" drop; }
      }`;
      execFileSync(command[0], [...command.slice(1), 'nft', '-f', '-'], { input: rules });
    }
  }

  /** Mends it. */
  mend() {
    for (const { command } of this.places) run(...command, 'nft', 'delete', 'table', 'inet', 'cut');
  }

  /** Takes it all away. What runs there must have ended. */
  discard() {
    for (const { namespace } of this.places) run('ip', 'netns', 'delete', namespace);
  }
}

function run(program, ...words) {
  execFileSync(program, words, { stdio: ['ignore', 'ignore', 'pipe'] });
}
