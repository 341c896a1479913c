// Extended DNS Error codes (RFC 8914 and its IANA registry) that validation gives as its reason.

export const Ede = {
  other: 0,
  unsupportedDnskeyAlgorithm: 1,
  unsupportedDsDigest: 2,
  indeterminate: 5,
  bogus: 6,
  signatureExpired: 7,
  signatureNotYetValid: 8,
  dnskeyMissing: 9,
  rrsigsMissing: 10,
  noZoneKeyBitSet: 11,
  nsecMissing: 12,
  noReachableAuthority: 22,
  networkError: 23,
  signatureExpiredBeforeValid: 25,
  unsupportedNsec3Iterations: 27,
} as const;
