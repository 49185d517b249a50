// Real data where the machine has it (TILLMESH_DATA), data of the same shape where it has not.
import fs from 'node:fs';
import path from 'node:path';

const WORDS = ['Milk', 'Bread', 'Rice', 'Tea', 'Soap', 'Oil', 'Lentils', 'Coffee', 'Biscuits', 'Salt'];

/** Whether real data is here. In CI it must be: there a silent stand-in would prove nothing. */
export function hasData() {
  const is = Boolean(process.env.TILLMESH_DATA);
  if (!is && process.env.CI === 'true') throw new Error('TILLMESH_DATA is not set');
  return is;
}

/** Products with real barcodes: up to `count` of { barcode, name, price }, the price in text. */
export function products(count) {
  if (!hasData()) return Array.from({ length: count }, (_, number) => madeUpProduct(number));
  const [, ...lines] = linesOf('catalogue-barcodes.csv');
  const isWhole = ({ barcode, price }) => isEan13(barcode) && /^\d+\.\d\d$/.test(price);
  return lines.map(fields).map(([barcode, name, price]) => ({ barcode, name, price }))
    .filter(isWhole).slice(0, count);
}

/** Baskets as people carried them to a till: up to `count` lists of names. */
export function baskets(count) {
  if (!hasData()) return Array.from({ length: count }, (_, number) => madeUpBasket(number));
  const lines = linesOf('groceries.csv').slice(0, count);
  return lines.map((line) => line.split(',').map((name) => name.trim()));
}

/** Whether these are 13 digits of which the last fits (GS1 General Specifications, §7.9). */
export function isEan13(barcode) {
  return /^\d{13}$/.test(barcode) && checkDigit(barcode.slice(0, 12)) === Number(barcode[12]);
}

function checkDigit(twelve) {
  const sum = [...twelve].reduce((total, digit, i) => total + Number(digit) * (i % 2 ? 3 : 1), 0);
  return (10 - (sum % 10)) % 10;
}

function madeUpProduct(number) {
  // 20–29 are for use within a shop: no real product has them.
  const twelve = `21${String(number).padStart(10, '0')}`;
  const name = `${WORDS[number % WORDS.length]} ${number}`;
  const price = `${1 + (number * 7) % 20}.${String((number * 13) % 100).padStart(2, '0')}`;
  return { barcode: twelve + checkDigit(twelve), name, price };
}

function madeUpBasket(number) {
  return WORDS.filter((_, i) => (number >> (i % 5)) % 3 === i % 3).concat(WORDS[number % WORDS.length]);
}

function linesOf(name) {
  const text = fs.readFileSync(path.join(process.env.TILLMESH_DATA, name), 'utf8');
  return text.trim().split(/\r?\n/);
}

/** The fields of a line of CSV; in quotes a comma is a comma (RFC 4180). */
function fields(line) {
  const found = line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g);
  return [...found].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain);
}
