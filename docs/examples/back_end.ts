// What the back end of an application does with a partition, beside signing cookies (signer.ts): it reads the exports, and presigns
// uploads. docs/consumers.md says why each value is as it is.

import { randomUUID } from "node:crypto";
import { CloudFormationClient, paginateListExports } from "@aws-sdk/client-cloudformation";
import { S3Client } from "@aws-sdk/client-s3";
import { createPresignedPost } from "@aws-sdk/s3-presigned-post";

const LARGEST = 10 * 1024 * 1024; // bytes
const FORM_SECONDS = 900;
const EXTENSIONS: Record<string, string> = {
  "image/jpeg": "jpg",
  "image/png": "png",
  "image/webp": "webp",
  "image/gif": "gif",
};

/** The values that a partition publishes, by their names without the prefix, such as ImageCdnDomainName. */
export async function exportsOf(prefix: string, client = new CloudFormationClient({})): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const page of paginateListExports({ client }, {})) {
    for (const { Name = "", Value = "" } of page.Exports ?? []) {
      if (Name.startsWith(`${prefix}-API-`)) found[Name.slice(`${prefix}-API-`.length)] = Value;
    }
  }
  return found;
}

/**
 * A form for one upload of a tenant, and the key of the image. `s3` has the credentials of the presigning role and the
 * bucket's region: a form follows no redirect.
 */
export async function presign(s3: S3Client, bucket: string, tenant: string, author: string, contentType: string) {
  const extension = EXTENSIONS[contentType];
  if (!extension) throw new Error(`Expected one of ${Object.keys(EXTENSIONS).join(", ")}, found ${contentType}`);
  const key = `${tenant}/images/${randomUUID()}.${extension}`;
  const form = await createPresignedPost(s3, {
    Bucket: bucket,
    Key: key,
    Fields: {
      "Content-Type": contentType,
      "x-amz-meta-tenant-id": tenant,
      "x-amz-meta-author": author,
      "x-amz-meta-arda-key": key,
      "x-amz-server-side-encryption": "AES256",
      "Cache-Control": "max-age=86400",
    },
    Conditions: [
      ["starts-with", "$Content-Type", "image/"],
      ["content-length-range", 1, LARGEST],
    ],
    Expires: FORM_SECONDS,
  });
  return { form, key };
}
