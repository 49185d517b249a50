// A network of a few places, joined by a switch in which any two can be cut from each other: Linux
// network namespaces, so that whatever a browser does, no packet gets from one to the other then.
import { execFileSync } from 'node:child_process';

const SWITCH = 'switch';
const RULES = `table bridge ${SWITCH} {
  set cut { type ipv4_addr . ipv4_addr; }
  chain passing {
    type filter hook forward priority 0;
    ip saddr . ip daddr @cut drop;
  }
}`;

let networks = 0;

/** What a cable ends at. What runs with `command` in front of it runs there. */
class Place {
  constructor(name, address) {
    Object.assign(this, { namespace: name, card: name, address });
    this.command = inNamespace(name);
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

  #switch;

  /** Lays the cables, from the switch to so many `places`, each with its own loopback. */
  constructor(count = 2) {
    networks += 1;
    const name = `tm${process.pid}-${networks}`;
    this.#switch = `${name}s`;
    this.places = Array.from({ length: count }, (_, index) => (
      new Place(`${name}p${index}`, `10.77.0.${index + 1}`)
    ));
    run('ip', 'netns', 'add', this.#switch);
    this.#inSwitch('ip', 'link', 'add', SWITCH, 'type', 'bridge');
    this.#inSwitch('ip', 'link', 'set', SWITCH, 'up');
    // Dropped on the way: where packets leave, the sender would be told.
    this.#inSwitch('nft', RULES);
    for (const place of this.places) this.#lay(place);
  }

  /** Cuts two places from each other: their cards stay up, every packet is lost, as where a switch dies. */
  cut(one = this.places[0], other = this.places[1]) {
    this.#change('add', one, other);
  }

  /** Mends what was cut. */
  mend(one = this.places[0], other = this.places[1]) {
    this.#change('delete', one, other);
  }

  /** Takes it all away. What runs there must have ended. */
  discard() {
    for (const { namespace } of this.places) run('ip', 'netns', 'delete', namespace);
    run('ip', 'netns', 'delete', this.#switch);
  }

  #lay({ namespace, card, address }) {
    const there = (...words) => run('ip', '-n', namespace, ...words);
    run('ip', 'netns', 'add', namespace);
    run('ip', 'link', 'add', card, 'netns', namespace, 'type', 'veth',
      'peer', 'name', card, 'netns', this.#switch);
    this.#inSwitch('ip', 'link', 'set', card, 'master', SWITCH, 'up');
    there('link', 'set', 'lo', 'up');
    // No address of IPv6 a second later: a browser that sees its network change drops what it loads.
    there('link', 'set', card, 'addrgenmode', 'none');
    there('address', 'add', `${address}/24`, 'dev', card);
    there('link', 'set', card, 'up');
    // Browsers look for a way out before they offer an address.
    there('route', 'add', 'default', 'dev', card);
  }

  #change(how, { address: one }, { address: other }) {
    const ways = `{ ${one} . ${other}, ${other} . ${one} }`;
    this.#inSwitch('nft', how, 'element', 'bridge', SWITCH, 'cut', ways);
  }

  #inSwitch(...words) {
    run(...inNamespace(this.#switch), ...words);
  }
}

function inNamespace(name) {
  return ['ip', 'netns', 'exec', name];
}

function run(program, ...words) {
  execFileSync(program, words, { stdio: ['ignore', 'ignore', 'pipe'] });
}
