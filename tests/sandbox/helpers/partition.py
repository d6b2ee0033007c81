"""The names of the partition that most tests deploy, Alpha002/dev."""

BUCKET = "alpha002-dev-image-asset-bucket"
ROLE = "Alpha002-dev-ImagePreSigningRole"
HOST = "dev.alpha002.assets.arda.cards"
SECRET = "Alpha002-dev/image-signing-key"
