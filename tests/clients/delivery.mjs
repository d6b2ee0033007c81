// A back end and a browser in one: presigns an upload, posts it, signs cookies and URLs, and reads the image back. All that
// it knows of the partition it reads from the six exports and the secret.
//
// usage: node delivery.mjs PREFIX CLIENT_ROLE_ARN IMAGE, with the connection in the environment: ENDPOINT, ACCESS_KEY,
// SECRET_KEY, EDGE_HTTPS_PORT, CA_FILE. Prints one JSON document of what it saw.

import crypto from "node:crypto";
import fs from "node:fs";
import https from "node:https";
import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { S3Client } from "@aws-sdk/client-s3";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { getSignedUrl } from "@aws-sdk/cloudfront-signer";
import { exportsOf, presign } from "./build/back_end.js";
import { CookieSigner } from "./build/signer.js";

const [prefix, clientRoleArn, imagePath] = process.argv.slice(2);
const { ENDPOINT, ACCESS_KEY, SECRET_KEY, EDGE_HTTPS_PORT, CA_FILE } = process.env;
const region = "us-east-1";
const operator = {
  region,
  endpoint: ENDPOINT,
  credentials: { accessKeyId: ACCESS_KEY, secretAccessKey: SECRET_KEY },
};
const ca = fs.readFileSync(CA_FILE);

async function assume(RoleArn, config) {
  const answer = await new STSClient(config).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "client" }));
  const { AccessKeyId, SecretAccessKey, SessionToken } = answer.Credentials;
  return { ...config, credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken } };
}

function request(address, { method = "GET", headers = {}, body } = {}) {
  const url = new URL(address);
  const options = { host: "127.0.0.1", port: EDGE_HTTPS_PORT, servername: url.hostname, ca, method, path: url.pathname + url.search };
  return new Promise((resolve, reject) => {
    const sent = https.request({ ...options, headers: { host: url.hostname, ...headers } }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => resolve({ status: answer.statusCode, body: Buffer.concat(parts) }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

async function upload(form, image) {
  const data = new FormData();
  for (const [name, value] of Object.entries(form.fields)) data.append(name, value);
  data.append("file", new Blob([image]), "image.jpg");
  const encoded = new Response(data);
  const body = Buffer.from(await encoded.arrayBuffer());
  const headers = { "content-type": encoded.headers.get("content-type"), "content-length": body.length };
  return (await request(form.url, { method: "POST", headers, body })).status;
}

const published = await exportsOf(prefix, new CloudFormationClient(operator));
const secretId = published.ImageSigningKeySecretArn;
const secret = await new SecretsManagerClient(operator).send(new GetSecretValueCommand({ SecretId: secretId }));
const { keyPairId, privateKey } = JSON.parse(secret.SecretString);
const presigner = await assume(published.ImagePreSigningRoleArn, await assume(clientRoleArn, operator));

const image = fs.readFileSync(imagePath);
const tenant = `client-${crypto.randomUUID()}`;
const s3 = new S3Client({ region, credentials: presigner.credentials });
const { form, key } = await presign(s3, published.ImageAssetBucketName, tenant, "client", "image/jpeg");
const uploaded = await upload(form, image);

const url = `https://${published.ImageCdnDomainName}/${key}`;
const soon = Math.floor(Date.now() / 1000) + 300;
const signer = new CookieSigner(secretId, new SecretsManagerClient(operator));
const cookies = await signer.cookies(published.ImageCdnDomainName, tenant, 300);
const cookie = Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join("; ");
const canned = getSignedUrl({ url, keyPairId, privateKey, dateLessThan: new Date(soon * 1000).toISOString() });
const byCookies = await request(url, { headers: { cookie } });
const byUrl = await request(canned);

console.log(JSON.stringify({
  exports: Object.keys(published).sort(),
  sameKeyPairId: keyPairId === published.ImageSigningKeyPairId,
  uploaded,
  byCookies: [byCookies.status, byCookies.body.equals(image)],
  byUrl: [byUrl.status, byUrl.body.equals(image)],
  unsigned: (await request(url)).status,
  otherTenant: (await request(url.replace(tenant, `${tenant}b`), { headers: { cookie } })).status,
}));
