/** Endpoint for the script of pages that ask for a passkey as second factor. */
export const passkeyOptionsPath = '/login/second-factor/passkey-options'

/** Endpoint for the script of the page that adds a passkey before the session exists. */
export const setupPasskeyOptionsPath = '/login/second-factor/setup/passkey-options'
