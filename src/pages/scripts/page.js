/**
 * The script of every page. Pages work without it: what it needs stays hidden until it runs.
 *   data-copies="id"   a button that copies the element's text, or the value of a field
 *   data-hides="id"    a button that hides and shows a secret
 *   data-reveals="id"  a button that shows and hides a password
 *   data-prints        a button that prints the page
 *   data-strength="id" a strength meter of a new password
 *   data-after="30"    a button that works after so many seconds
 *   data-waits="href"  asks while the page is visible, and goes there once the answer leads on
 *   data-download      a form or link whose response is a file: the page stays, and is never busy
 */
const all = (selector) => document.querySelectorAll(selector)
const elementOf = (button, name) => document.getElementById(button.getAttribute(name))

/** Each shown button with this attribute calls `action` with itself. */
function onClick(attribute, action) {
  for (const button of all(`button[${attribute}]`)) {
    button.addEventListener('click', () => action(button))
    button.hidden = false
  }
}

const said = new WeakMap()

/** On the button for three seconds, and to screen readers. */
function say(button, text) {
  const { label = button.textContent, timer } = said.get(button) ?? {}
  const status = button.parentElement.querySelector('[role=status]')
  clearTimeout(timer)
  const show = (onButton, spoken) => {
    button.textContent = onButton
    if (status !== null) status.textContent = spoken
  }
  show(text, text)
  said.set(button, { label, timer: setTimeout(show, 3000, label, '') })
}

onClick('data-copies', async (button) => {
  const element = elementOf(button, 'data-copies')
  try {
    await navigator.clipboard.writeText(element.dataset.secret ?? element.value ?? element.textContent)
    say(button, 'Copied')
  } catch {
    // no permission, or not https: the user copies what is selected
    if ('select' in element) element.select()
    else getSelection().selectAllChildren(element)
    say(button, 'Press Ctrl+C')
  }
})

onClick('data-hides', (button) => {
  const secret = elementOf(button, 'data-hides')
  const text = secret.dataset.secret
  if (text === undefined) {
    secret.dataset.secret = secret.textContent
    secret.textContent = `${secret.textContent.slice(0, 6)}${'•'.repeat(12)}`
  } else {
    secret.textContent = text
    delete secret.dataset.secret
  }
  button.textContent = text === undefined ? 'Show' : 'Hide'
})

onClick('data-prints', () => print())

onClick('data-reveals', (button) => {
  const field = elementOf(button, 'data-reveals')
  const isShown = field.type === 'password'
  field.type = isShown ? 'text' : 'password'
  button.setAttribute('aria-pressed', String(isShown))
  button.firstElementChild.textContent = isShown ? 'Hide' : 'Show'
})

/** Counts down on the button: the server refuses an earlier try. */
for (const button of all('button[data-after]')) {
  const usableAt = Date.now() + Number(button.dataset.after) * 1000
  const left = document.createElement('span')
  button.append(left)
  const count = () => {
    const seconds = Math.ceil((usableAt - Date.now()) / 1000)
    button.disabled = seconds > 0
    left.textContent = seconds > 0 ? `\u00a0(${seconds} s)` : ''
    if (seconds > 0) setTimeout(count, 1000)
  }
  count()
}

/** Whole times of the account pages, in the reader's time zone; the title keeps UTC. */
const local = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZoneName: 'short',
})
for (const time of all('.account time'))
  if (time.textContent.endsWith(' UTC')) {
    time.title = time.textContent
    time.textContent = local.format(new Date(time.dateTime))
  }

const waitMs = 5000
const maxAsked = 120

/** A redirect says that it is time to go on. Errors count as no answer. */
for (const { dataset } of all('[data-waits]')) {
  let asked = 0
  const ask = async () => {
    if (!document.hidden) {
      asked += 1
      const request = { method: 'HEAD', redirect: 'manual', cache: 'no-store' }
      const answer = await fetch(dataset.waits, request).catch(() => undefined)
      if (answer?.type === 'opaqueredirect') return location.assign(dataset.waits)
    }
    if (asked < maxAsked) setTimeout(ask, waitMs)
  }
  setTimeout(ask, waitMs)
}

/** The pressed button shows that the next page is on its way; a second press does nothing. */
const busy = new Set()
const maxBusyMs = 15_000

function endBusy() {
  for (const element of busy) delete element.dataset.busy
  busy.clear()
}

function setBusy(element) {
  element.dataset.busy = ''
  busy.add(element)
  setTimeout(endBusy, maxBusyMs)
}

addEventListener('submit', (event) => {
  const { target: form, submitter } = event
  // browsers save what a text field held
  for (const button of form.querySelectorAll('button[data-reveals]'))
    elementOf(button, 'data-reveals').type = 'password'
  if (event.defaultPrevented || form.dataset.download !== undefined) return
  if (!submitter) return
  if (submitter.dataset.busy !== undefined) event.preventDefault()
  else setBusy(submitter)
})

addEventListener('click', (event) => {
  const link = event.target.closest?.('a.connection, a.button')
  const isElsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey
  if (link === null || link === undefined || isElsewhere || event.defaultPrevented) return
  if (link.target || link.hasAttribute('download') || link.dataset.download !== undefined) return
  if (link.dataset.busy !== undefined) event.preventDefault()
  else if (link.pathname !== location.pathname || link.hash === '') setBusy(link)
})

// back from the next page
addEventListener('pageshow', endBusy)

/** After a refused form, the focus is in the field to correct. */
if (document.querySelector('[autofocus]') === null && location.hash === '')
  document.querySelector('[aria-invalid=true]')?.focus()

const commonWords =
  'password passwort qwerty letmein welcome iloveyou dragon monkey football baseball sunshine princess superman trustno admin login master shadow secret hello'.split(
    ' ',
  )

/** Words of the page's own fields, such as the email. */
function ownWords() {
  const values = [...all('input[name=email], input[name=name]')].map(({ value }) => value)
  const words = values
    .join(' ')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
  return words.filter((word) => word.length > 2)
}

/** Replaces what is easy to guess by one character each: repeats, runs, common and own words. */
function essence(password) {
  let rest = password.toLowerCase()
  for (const word of [...commonWords, ...ownWords()]) rest = rest.replaceAll(word, '*')
  rest = rest.replace(/(.{1,6}?)\1+/gsu, '$1')
  const characters = Array.from(rest)
  const isRun = (index) => {
    const [before, here] = [characters[index - 1], characters[index]].map((each) => each?.codePointAt(0) ?? -9)
    return Math.abs(here - before) === 1
  }
  return characters.filter((_, index) => index < 2 || !(isRun(index) && isRun(index - 1)))
}

const strengths = ['', 'Too short', 'Easy to guess', 'Good', 'Strong']

function strengthOf(password, minimum) {
  const length = Array.from(password).length
  if (length === 0) return 0
  if (length < minimum) return 1
  const left = essence(password).length
  if (left < minimum * 0.6) return 2
  return left < minimum + 5 ? 3 : 4
}

for (const box of all('[data-strength]')) {
  const field = document.getElementById(box.dataset.strength)
  const minimum = Number(box.dataset.minimum)
  const meter = box.querySelector('meter')
  const status = box.querySelector('[role=status]')
  let timer
  field.addEventListener('input', () => {
    const strength = strengthOf(field.value, minimum)
    const length = Array.from(field.value).length
    meter.value = strength
    const text = strength === 1 ? `Too short: ${length} of ${minimum} characters` : strengths[strength]
    // said once the user pauses, not at every key
    clearTimeout(timer)
    timer = setTimeout(() => {
      status.textContent = text
    }, 400)
  })
  box.hidden = false
}
