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

/** What the baskets hold: name → { code, minor }, the price in minor units. */
export function groceries() {
  const rows = hasData() ? linesOf('groceries-items.csv').slice(1).map(fields) : madeUpPrices();
  return new Map(rows.map(([code, name, price]) => [name.trim(), { code, minor: minorOf(price) }]));
}

/** The same as a list that a shop imports. */
export function priceList() {
  if (hasData()) return textOf('groceries-items.csv');
  return ['sku,name,price', ...madeUpPrices().map((row) => row.join(','))].join('\n');
}

/** The real catalogue as it is found, how many rows it has, and how many check digits are wrong. */
export function realCatalogue() {
  const text = textOf('catalogue-barcodes.csv');
  const codes = linesOf('catalogue-barcodes.csv').slice(1).map((line) => fields(line)[0]);
  const badDigits = codes.filter((code) => [8, 12, 13].includes(code.length) && !isEan13(code.padStart(13, '0'))).length;
  return { text, rows: codes.length, badDigits };
}

function minorOf(price) {
  const [whole, part] = price.split('.');
  return Number(whole) * 100 + Number(part.padEnd(2, '0'));
}

/** Whether these are 13 digits of which the last fits (GS1 General Specifications, §7.9). */
export function isEan13(barcode) {
  return /^\d{13}$/.test(barcode) && checkDigit(barcode.slice(0, 12)) === Number(barcode[12]);
}

function checkDigit(twelve) {
  return (10 - (weighed(twelve) % 10)) % 10;
}

function weighed(twelve) {
  return [...twelve].reduce((total, digit, i) => total + Number(digit) * (i % 2 ? 3 : 1), 0);
}

function madeUpPrices() {
  return WORDS.map((name, number) => [`G${number + 1}`, name, `${number + 1}.${number}9`.slice(0, 4)]);
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

function textOf(name) {
  return fs.readFileSync(path.join(process.env.TILLMESH_DATA, name), 'utf8');
}

function linesOf(name) {
  return textOf(name).trim().split(/\r?\n/);
}

/** The fields of a line of CSV; in quotes a comma is a comma (RFC 4180). */
function fields(line) {
  const found = line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g);
  return [...found].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain);
}
