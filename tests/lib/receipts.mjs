// Receipt numbers: what of them counts, and which were given twice.

/** The part of a receipt number that counts: A1-000002 of A1-000002·JM6Y. */
export function running(receipt) {
  return receipt.split('·')[0];
}

/** What is in a list more than once. */
export function twice(list) {
  const seen = new Set();
  return list.filter((one) => seen.has(one) || !seen.add(one));
}
