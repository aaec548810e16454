/** Texts of the errors about second factors (error-texts.ts). */
export const factorErrorTexts = {
  factor_invalid: {
    title: 'The code is wrong or was already used',
    text: 'Enter the code that your authenticator app shows now, or a recovery code that you have not used yet.',
  },
  factor_last: {
    title: "You can't remove your only second factor",
    text: 'Your organization requires a second factor. Add another one first, then remove this one.',
  },
  factor_missing: {
    title: 'You have no second factor',
    text: 'Set one up first.',
  },
  factor_not_allowed: {
    title: "This kind of second factor isn't allowed",
    text: 'Your organization does not allow it. Use another kind instead.',
  },
  enrollment_expired: {
    title: 'The setup has expired',
    text: 'It was completed, replaced by a newer one, or is older than ten minutes. Start again.',
  },
  passkey_invalid: {
    title: 'This passkey did not work',
    text: 'It may have been removed, belong to another organization, or the request may have expired. Try again, or use another way to sign in.',
  },
  passkeys_unavailable: {
    title: 'Passkeys do not work here',
    text: 'Your organization has them turned off, or this service has no domain name. Use another way to sign in.',
  },
  authenticator_unknown: { title: 'Authenticator not found', text: 'It was removed, or it belongs to another user.' },
  authenticators_full: {
    title: 'You have the maximum number of authenticators',
    text: 'Remove one that you no longer use, then try again.',
  },
} as const
