/**
 * Passkeys: each form marked `data-passkey` gets its options from the URL in `data-options`, puts
 * the authenticator's response in its field `response`, and is submitted. Without scripts, or
 * without passkeys in the browser, these forms stay hidden and the page offers other methods.
 */
const webauthn = globalThis.SimpleWebAuthnBrowser
const supported = webauthn?.browserSupportsWebAuthn() === true
/** Before the challenge expires, which is after five minutes. */
const renewMs = 270_000

async function optionsFor(form) {
  const fields = new URLSearchParams(new FormData(form))
  fields.delete('response')
  const answer = await fetch(form.dataset.options, { method: 'POST', body: fields, redirect: 'error' })
  if (!answer.ok) throw new Error(`options: ${answer.status}`)
  return answer.json()
}

function submit(form, response) {
  form.elements.response.value = JSON.stringify(response)
  // "Keep me signed in" is in the form of the password
  for (const { name, value } of document.querySelectorAll('[name=asks_keep], [name=keep]:checked'))
    form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }))
  HTMLFormElement.prototype.submit.call(form)
}

function say(form, text) {
  const status = form.querySelector('[role=status]')
  if (status !== null) status.textContent = text
}

const messages = {
  NotAllowedError: 'Canceled, or no passkey was found here. Try again, or use another method.',
  InvalidStateError: 'This device has a passkey for your account already.',
}

async function run(form, ceremony) {
  say(form, '')
  try {
    submit(form, await ceremony(await optionsFor(form)))
    return true
  } catch (error) {
    if (error.name === 'AbortError') return false
    const cause = error.cause?.name ?? error.name
    say(form, messages[cause] ?? 'That did not work. Try again, or use another method.')
    return false
  }
}

/** Passkeys in the suggestions of the email field, until the button is used. */
async function autofill(form) {
  if (!(await webauthn.browserSupportsWebAuthnAutofill())) return
  if (document.querySelector("input[autocomplete$='webauthn']") === null) return
  try {
    const optionsJSON = await optionsFor(form)
    const renewal = setTimeout(() => autofill(form), renewMs)
    const response = await webauthn.startAuthentication({ optionsJSON, useBrowserAutofill: true })
    clearTimeout(renewal)
    submit(form, response)
  } catch {
    // refused, or replaced by the button or a newer challenge
  }
}

const startSignIn = (optionsJSON) => webauthn.startAuthentication({ optionsJSON })
const startCreation = (optionsJSON) => webauthn.startRegistration({ optionsJSON })
const startSilently = (optionsJSON) => webauthn.startRegistration({ optionsJSON, useAutoRegister: true })

async function canCreateSilently() {
  const capabilities = await PublicKeyCredential.getClientCapabilities?.()
  return capabilities?.conditionalCreate === true
}

/** Right after a password sign-in, the browser may create a passkey without asking. */
async function createSilently(form) {
  if (!(await canCreateSilently())) return
  try {
    form.elements.conditional.value = 'true'
    submit(form, await startSilently(await optionsFor(form)))
  } catch {
    form.elements.conditional.value = ''
  }
}

/** Reports to the server that offering a passkey after this sign-in makes sense. */
async function reportSupport(field) {
  if (await webauthn.platformAuthenticatorIsAvailable()) field.value = 'supported'
}

/** Keeps the password manager's list up to date; browsers without the Signal API ignore it. */
async function signal({ dataset }) {
  const { rpId, userId, userName, userDisplayName, accepted, unknown } = dataset
  const signals =
    unknown === undefined
      ? [
          {
            signalName: 'allAcceptedCredentials',
            rpID: rpId,
            userID: userId,
            allAcceptedCredentialIDs: JSON.parse(accepted),
          },
          { signalName: 'currentUserDetails', rpID: rpId, userID: userId, userName, userDisplayName },
        ]
      : [{ signalName: 'unknownCredential', rpID: rpId, credentialID: unknown }]
  for (const each of signals) await webauthn.sendSignal(each).catch(() => {})
}

if (supported) {
  for (const form of document.querySelectorAll('form[data-passkey]')) {
    const isCreation = form.dataset.passkey === 'create'
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      run(form, isCreation ? startCreation : startSignIn)
    })
    form.hidden = false
    if (form.dataset.autofill !== undefined) autofill(form)
    if (form.dataset.silently !== undefined) createSilently(form)
  }
  for (const field of document.querySelectorAll('input[data-passkey-support]')) reportSupport(field)
  for (const element of document.querySelectorAll('[data-passkey-signal]')) signal(element)
}
for (const element of document.querySelectorAll('[data-without-passkeys]')) element.hidden = supported
