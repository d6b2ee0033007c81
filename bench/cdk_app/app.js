// The five partitions as an AWS CDK app: what make bench compares the collection with. A stack for the root account, one for
// each infrastructure and one for each partition, each deployed through a role of its account by one command.
const fs = require("node:fs");
const cdk = require("aws-cdk-lib");
const { aws_certificatemanager: acm, aws_cloudfront: cloudfront, aws_iam: iam, aws_route53: route53 } = cdk;
const { aws_s3: s3, aws_secretsmanager: secretsmanager } = cdk;

const ROOT = "841876193886";
const DOMAIN = "assets.arda.cards";
const REGION = "us-east-1";
const CDN_ZONE = "Z2FDTNDATAQYW2"; // the zone of every distribution
const CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6";

/** A stack without bootstrap resources: its template is small enough to be sent with the call. */
class AccountStack extends cdk.Stack {
  constructor(app, id, account) {
    const deployRoleArn = `arn:aws:iam::${account}:role/cdk-deploy`;
    const synthesizer = new cdk.BootstraplessSynthesizer({ deployRoleArn });
    super(app, id, { env: { account, region: REGION }, synthesizer });
  }

  publish(exports) {
    for (const [name, value] of Object.entries(exports)) {
      new cdk.CfnOutput(this, name.replaceAll("-", ""), { exportName: name, value });
    }
  }
}

class Root extends AccountStack {
  constructor(app) {
    super(app, "Root", ROOT);
    const zone = new route53.CfnHostedZone(this, "Zone", { name: `${DOMAIN}.` });
    this.publish({ "arda-assets-zone": zone.ref });
  }
}

class Foundation extends AccountStack {
  constructor(app, infrastructure, account) {
    super(app, `${infrastructure}-foundation`, account);
    const domain = `${infrastructure.toLowerCase()}.${DOMAIN}`;
    this.zone = new route53.CfnHostedZone(this, "Zone", { name: `${domain}.` });
    this.certificate = new acm.CfnCertificate(this, "Certificate", {
      domainName: `*.${domain}`,
      validationMethod: "DNS",
      domainValidationOptions: [{ domainName: `*.${domain}`, hostedZoneId: this.zone.ref }],
    });
    this.publish({
      [`${infrastructure}-I-AssetsHostedZoneId`]: this.zone.ref,
      [`${infrastructure}-I-AssetsCertificateArn`]: this.certificate.ref,
    });
  }
}

class Partition extends AccountStack {
  constructor(app, infrastructure, account, name, keyGroup, foundation) {
    super(app, `${infrastructure}-${name}`, account);
    const prefix = `${infrastructure}-${name}`;
    const host = `${name}.${infrastructure.toLowerCase()}.${DOMAIN}`;
    const bucket = this.bucket(`${prefix.toLowerCase()}-image-asset-bucket`, `${prefix.toLowerCase()}-access-logs`, host);
    const role = this.role(`${prefix}-ImagePreSigningRole`, account, prefix, bucket);
    const secret = new secretsmanager.CfnSecret(this, "Secret", { name: `${prefix}/image-signing-key`, secretString: "{}" });
    const distribution = this.distribution(prefix, host, bucket, keyGroup, foundation.certificate.ref);
    this.bucketPolicy(bucket, distribution, account);
    for (const type of ["A", "AAAA"]) {
      new route53.CfnRecordSet(this, type, {
        hostedZoneId: foundation.zone.ref,
        name: `${host}.`,
        type,
        aliasTarget: { hostedZoneId: CDN_ZONE, dnsName: distribution.attrDomainName },
      });
    }
    this.publish({
      [`${prefix}-API-ImageAssetBucketName`]: bucket.ref,
      [`${prefix}-API-ImageAssetBucketArn`]: bucket.attrArn,
      [`${prefix}-API-ImagePreSigningRoleArn`]: role.attrArn,
      [`${prefix}-API-ImageCdnDomainName`]: host,
      [`${prefix}-API-ImageSigningKeyGroupId`]: keyGroup,
      [`${prefix}-API-ImageSigningKeySecretArn`]: secret.ref,
    });
  }

  bucket(bucketName, logs, host) {
    return new s3.CfnBucket(this, "Bucket", {
      bucketName,
      versioningConfiguration: { status: "Enabled" },
      bucketEncryption: {
        serverSideEncryptionConfiguration: [{ serverSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
      },
      publicAccessBlockConfiguration: {
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      ownershipControls: { rules: [{ objectOwnership: "BucketOwnerEnforced" }] },
      loggingConfiguration: { destinationBucketName: logs, logFilePrefix: `${bucketName}/` },
      lifecycleConfiguration: {
        rules: [{ status: "Enabled", abortIncompleteMultipartUpload: { daysAfterInitiation: 1 } }],
      },
      corsConfiguration: {
        corsRules: [{ allowedMethods: ["POST"], allowedOrigins: [`https://${host}`], allowedHeaders: ["*"] }],
      },
    });
  }

  role(roleName, account, prefix, bucket) {
    const client = `arn:aws:iam::${account}:role/${prefix}-BucketClientRole`;
    const statement = (more) => ({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...more }] });
    return new iam.CfnRole(this, "Role", {
      roleName,
      assumeRolePolicyDocument: statement({ Principal: { AWS: client }, Action: "sts:AssumeRole" }),
      policies: [
        {
          policyName: "PutImages",
          policyDocument: statement({ Action: "s3:PutObject", Resource: `${bucket.attrArn}/*/images/*` }),
        },
      ],
    });
  }

  distribution(prefix, host, bucket, keyGroup, certificate) {
    const control = new cloudfront.CfnOriginAccessControl(this, "AccessControl", {
      originAccessControlConfig: {
        name: `${prefix}-images`,
        originAccessControlOriginType: "s3",
        signingBehavior: "always",
        signingProtocol: "sigv4",
      },
    });
    const headers = new cloudfront.CfnResponseHeadersPolicy(this, "Headers", {
      responseHeadersPolicyConfig: {
        name: `${prefix}-images`,
        securityHeadersConfig: { contentTypeOptions: { override: true } },
      },
    });
    return new cloudfront.CfnDistribution(this, "Distribution", {
      distributionConfig: {
        enabled: true,
        comment: `Images of ${prefix}`,
        aliases: [host],
        httpVersion: "http2and3",
        origins: [
          {
            id: "bucket",
            domainName: bucket.attrRegionalDomainName,
            originAccessControlId: control.attrId,
            s3OriginConfig: { originAccessIdentity: "" },
          },
        ],
        defaultCacheBehavior: {
          targetOriginId: "bucket",
          viewerProtocolPolicy: "redirect-to-https",
          cachePolicyId: CACHING_OPTIMIZED,
          responseHeadersPolicyId: headers.attrId,
          trustedKeyGroups: [keyGroup],
        },
        viewerCertificate: {
          acmCertificateArn: certificate,
          sslSupportMethod: "sni-only",
          minimumProtocolVersion: "TLSv1.2_2021",
        },
      },
    });
  }

  bucketPolicy(bucket, distribution, account) {
    const source = `arn:aws:cloudfront::${account}:distribution/${distribution.ref}`;
    new s3.CfnBucketPolicy(this, "BucketPolicy", {
      bucket: bucket.ref,
      policyDocument: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Deny",
            Principal: "*",
            Action: "s3:*",
            Resource: [bucket.attrArn, `${bucket.attrArn}/*`],
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          },
          {
            Effect: "Allow",
            Principal: { Service: "cloudfront.amazonaws.com" },
            Action: "s3:GetObject",
            Resource: `${bucket.attrArn}/*`,
            Condition: { StringEquals: { "AWS:SourceArn": source } },
          },
        ],
      },
    });
  }
}

// CloudFormation in the sandbox knows no key groups: bench/cdk.py makes them, and names the file with their ids.
const partitions = JSON.parse(fs.readFileSync(process.env.PARTITIONS));
const app = new cdk.App();
new Root(app);
const foundations = {};
for (const { account, infrastructure, name, keyGroup } of partitions) {
  foundations[infrastructure] ??= new Foundation(app, infrastructure, account);
  new Partition(app, infrastructure, account, name, keyGroup, foundations[infrastructure]);
}
