/** Replaces regions marked `data-live` once the server reports a change. */
const tenant = new URLSearchParams(location.search).get('tenant')
const address = tenant === null ? '/admin/events' : `/admin/events?tenant=${encodeURIComponent(tenant)}`
const focusable = 'a, button, input, select, textarea, summary, [tabindex]'
const text = 'This page does not update by itself right now. Reload it to see what is new.'
const notice = Object.assign(document.createElement('p'), { role: 'status', textContent: text })
let source, retry, isDue, isLoading

/** A hidden page follows nothing. The first event comes at once: the page may be old. */
function follow() {
  source?.close()
  clearTimeout(retry)
  if (document.hidden) return
  source = new EventSource(address)
  source.addEventListener('change', refresh)
  source.addEventListener('full', () => stop())
  // the browser connects again after a cut connection, but not after a refusal
  source.onerror = () => source.readyState === EventSource.CLOSED && stop(30_000)
}

function stop(retryMs) {
  source.close()
  document.querySelector('main').prepend(notice)
  if (retryMs !== undefined) retry = setTimeout(follow, retryMs)
}

async function refresh() {
  isDue = isLoading
  if (isLoading) return
  isLoading = true
  try {
    const response = await fetch(location.href, { redirect: 'manual' })
    // the session has ended: the next click leads to the sign-in
    if (response.type === 'opaqueredirect') stop()
    else if (response.ok) replaceRegions(new DOMParser().parseFromString(await response.text(), 'text/html'))
  } catch {
    // the server does not answer: the next event tries again
  }
  isLoading = false
  if (isDue) refresh()
}

function replaceRegions(fresh) {
  if (source.readyState !== EventSource.CLOSED) notice.remove()
  for (const region of document.querySelectorAll('[data-live]')) {
    const next = fresh.getElementById(region.id)
    const focused = document.activeElement
    if (next === null || (region.contains(focused) && focused.matches('input, select, textarea'))) continue
    for (const [index, details] of next.querySelectorAll('details').entries())
      details.open = region.querySelectorAll('details')[index]?.open ?? details.open
    if (next.isEqualNode(region)) continue
    const place = [...region.querySelectorAll(focusable)].indexOf(focused)
    region.replaceWith(next)
    if (place >= 0) next.querySelectorAll(focusable)[place]?.focus({ preventScroll: true })
  }
}

document.addEventListener('visibilitychange', follow)
follow()
