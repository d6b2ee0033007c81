// Signed cookies for CloudFront that survive every rotation of the signing key.
//
// Two rules make it so. The key pair id and the private key come from one read of the secret, so that they always belong
// together. And a copy of them is not used for longer than the operators count on (image_partition_signer_cache_seconds).

import { getSignedCookies } from "@aws-sdk/cloudfront-signer";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

const MAX_AGE = 8 * 3600 * 1000; // milliseconds

interface Pair {
  keyPairId: string;
  privateKey: string;
}

export class CookieSigner {
  private pair?: Promise<Pair>;
  private readAt = 0;

  constructor(
    private readonly secretId: string,
    private readonly client = new SecretsManagerClient({}),
    private readonly maxAge = MAX_AGE,
  ) {}

  /** Cookies that open a tenant's images for `lifetime` seconds (at most image_partition_longest_grant_seconds). */
  async cookies(host: string, tenant: string, lifetime: number) {
    const { keyPairId, privateKey } = await this.key();
    const expires = Math.floor(Date.now() / 1000) + lifetime;
    const policy = JSON.stringify({
      Statement: [
        {
          Resource: `https://${host}/${tenant}/*`,
          Condition: { DateLessThan: { "AWS:EpochTime": expires } },
        },
      ],
    });
    return getSignedCookies({ policy, keyPairId, privateKey });
  }

  /**
   * The values of the Set-Cookie headers; `domain` is what the back end's and the CDN's host names have in common. The path
   * keeps the cookies of two tenants apart.
   */
  static setCookieHeaders(cookies: object, domain: string, tenant: string, lifetime: number): string[] {
    const attributes = `Domain=${domain}; Path=/${tenant}/; Max-Age=${lifetime}; Secure; HttpOnly; SameSite=Lax`;
    return Object.entries(cookies).map(([name, value]) => `${name}=${value}; ${attributes}`);
  }

  private key(): Promise<Pair> {
    if (!this.pair || Date.now() - this.readAt > this.maxAge) {
      this.readAt = Date.now();
      this.pair = this.read().catch((error) => {
        this.pair = undefined; // the next call reads again
        throw error;
      });
    }
    return this.pair;
  }

  private async read(): Promise<Pair> {
    const answer = await this.client.send(new GetSecretValueCommand({ SecretId: this.secretId }));
    return JSON.parse(answer.SecretString ?? "{}");
  }
}
