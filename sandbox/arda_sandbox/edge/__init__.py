"""The CDN edge: what a viewer of a CloudFront distribution meets."""
