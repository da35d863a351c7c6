// Answers jobs on stdin with what other implementations make of our documents: one result for each, in their order.
// Contexts and DID documents come with the jobs; nothing is fetched.
import { DataIntegrityProof } from '@digitalbazaar/data-integrity';
import { createVerifyCryptosuite as ecdsaJcs2019 } from '@digitalbazaar/ecdsa-jcs-2019-cryptosuite';
import { createVerifyCryptosuite as eddsaJcs2022 } from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import * as vc from '@digitalbazaar/vc';
import { SDJwtInstance } from '@sd-jwt/core';
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc';
import { createHash } from 'node:crypto';
import { compactVerify, importJWK } from 'jose';
import jsonld from 'jsonld';

let input = '';
for await (const part of process.stdin) input += part;
const { contexts, dids, jobs, now } = JSON.parse(input);
const moment = new Date(now);

async function documentLoader(url) {
  const [did, fragment] = url.split('#');
  const known = contexts[url] ?? dids[did];
  if (known === undefined) throw new Error(`nobody fetches ${url}`);
  if (fragment === undefined || url in contexts) return { contextUrl: null, document: known, documentUrl: url };
  const method = known.verificationMethod.find((each) => each.id === url);
  if (method === undefined) throw new Error(`no method ${url}`);
  return { contextUrl: null, document: { '@context': 'https://w3id.org/security/multikey/v1', ...method }, documentUrl: url };
}

function proofSuite(name) {
  return new DataIntegrityProof({ cryptosuite: name === 'eddsa-jcs-2022' ? eddsaJcs2022() : ecdsaJcs2019({ requiredAlgorithm: 'P-256' }) });
}

function sdJwt(kind, jwk) {
  const verifier = async (data, signature) => {
    const key = await importJWK(jwk, 'EdDSA');
    await compactVerify(`${data}.${signature}`, key);
    return true;
  };
  const settings = {
    hasher: async (data, algorithm) => {
      if (algorithm !== 'sha-256') throw new Error(`hash ${algorithm}`);
      return new Uint8Array(createHash('sha256').update(data).digest());
    },
    hashAlg: 'sha-256',
    verifier,
  };
  return kind === 'dc' ? new SDJwtVcInstance(settings) : new SDJwtInstance(settings);
}

const answers = {
  // JSON-LD 1.1, expanded as jsonld.js does it in safe mode: whatever would be dropped or guessed is an error.
  expand: async ({ document }) => ({ expanded: await jsonld.expand(document, { documentLoader, safe: true }) }),
  credential: async ({ document }) => {
    const result = await vc.verifyCredential({ credential: document, documentLoader, now: moment, suite: proofSuite(document.proof.cryptosuite) });
    if (result.verified) return {};
    throw new Error([result.error, ...(result.error?.errors ?? [])].map((each) => String(each?.message ?? each)).join('; '));
  },
  jwt: async ({ jwk, text }) => {
    const { payload, protectedHeader } = await compactVerify(text, await importJWK(jwk, protectedHeader_alg(text)));
    return { header: protectedHeader, payload: JSON.parse(new TextDecoder().decode(payload)) };
  },
  sdjwt: async ({ jwk, kind, text }) => {
    const { header, payload } = await sdJwt(kind, jwk).verify(text, { currentDate: Math.floor(moment / 1000) });
    return { header, payload };
  },
};

function protectedHeader_alg(text) {
  return JSON.parse(Buffer.from(text.split('.')[0], 'base64url')).alg;
}

const results = [];
for (const job of jobs) {
  try {
    results.push({ ok: true, ...(await answers[job.ask](job)) });
  } catch (error) {
    results.push({ ok: false, error: String(error?.message ?? error), details: error?.details ?? null });
  }
}
process.stdout.write(JSON.stringify(results));
