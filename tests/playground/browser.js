// Debian's Chromium, whose pages are watched: none may ask another server or write an error to the console.
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { chromium } from 'playwright-core';

export const GATEWAY = process.env.GATEWAY;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
after(() => browser.close());

/** A page of a visitor of its own. What it does wrong fails the test, but for console errors that match `expected`. */
export async function open(t, { gateway = GATEWAY, path = '/', width = 1280, height = 800, ...options } = {}) {
  const { expected, before, ...visitor } = options;
  const context = await browser.newContext({ viewport: { width, height }, ...visitor });
  const page = await context.newPage();
  const wrong = watch(page, gateway, expected);
  t.after(async () => {
    await context.close();
    assert.deepEqual(wrong, []);
  });
  await before?.(page);
  await page.goto(gateway + path);
  return page;
}

function watch(page, gateway, expected) {
  const wrong = [];
  page.on('pageerror', (error) => wrong.push(`error: ${error.stack}`));
  page.on('console', (message) => {
    const bad = message.type() === 'error' && !expected?.test(message.text());
    if (bad) wrong.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    const own = ['data:', 'blob:'].includes(protocol) || origin === new URL(gateway).origin;
    if (!own) wrong.push(`asked ${request.url()}`);
  });
  return wrong;
}
