const hints: Readonly<Record<string, string>> = {
  EAUTH: 'it refused the user name or password: correct them in mail.smtp',
  ENOAUTH: 'it requires a user name and password: add them to mail.smtp',
  EDNS: 'its host cannot be resolved: correct mail.smtp, or the DNS',
  ENOTFOUND: 'its host cannot be resolved: correct mail.smtp, or the DNS',
  EAI_AGAIN: 'its host cannot be resolved right now: check the DNS',
  ECONNREFUSED: 'nothing listens at that address: start it, or correct mail.smtp',
  EHOSTUNREACH: 'there is no route to it: check the network',
  ETIMEDOUT: 'no response in time: check the firewall, and that smtps:// is for port 465 and smtp:// for 587',
  ETLS: 'TLS failed: it may offer none, or its certificate is not trusted (NODE_EXTRA_CA_CERTS names a CA)',
  ESOCKET: 'the connection failed: check that smtps:// is for port 465 and smtp:// for 587',
  ECONNECTION: 'the connection was closed: check that smtps:// is for port 465 and smtp:// for 587',
}

/** Cause and fix by error code. Undefined if the server's response is enough. */
export function smtpHint(code: string, message: string): string | undefined {
  const network = /\b(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH)\b/.exec(message)?.[1]
  if (/certificate|self.signed/i.test(message)) return hints['ETLS']
  return hints[network ?? code]
}
