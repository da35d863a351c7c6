// Build a tree of @openzeppelin/merkle-tree, prove and verify; print processor seconds as JSON.
// Arguments: how many leaves, how many proofs, the best of how many builds, and of how many rounds of proofs. Leaf n is SHA-256 of its number's decimal text.
'use strict';

const { createHash } = require('node:crypto');
const { SimpleMerkleTree } = require('@openzeppelin/merkle-tree');

const [leaves, proofs, builds, rounds] = process.argv.slice(2).map(Number);
const values = Array.from({ length: leaves }, (_, n) => '0x' + createHash('sha256').update(String(n)).digest('hex'));

function best(count, job) {
  let taken = Infinity;
  let result;
  for (let round = 0; round < count; round += 1) {
    const before = process.cpuUsage();
    result = job();
    const { user, system } = process.cpuUsage(before);
    taken = Math.min(taken, (user + system) / 1e6);
  }
  return [taken, result];
}

const [build_s, tree] = best(builds, () => SimpleMerkleTree.of(values));
const indexes = Array.from({ length: proofs }, (_, n) => Math.floor((n * leaves) / proofs));
const [prove_s, paths] = best(rounds, () => indexes.map((index) => tree.getProof(index)));
const [verify_s, verified] = best(rounds, () =>
  indexes.every((index, n) => SimpleMerkleTree.verify(tree.root, values[index], paths[n])),
);
if (!verified) throw new Error('a proof of its own does not verify');
process.stdout.write(JSON.stringify({ build_s, prove_s: prove_s / proofs, verify_s: verify_s / proofs, root: tree.root }));
