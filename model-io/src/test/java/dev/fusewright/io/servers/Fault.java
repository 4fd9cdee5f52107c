/*
 * Copyright the Fusewright authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */
package dev.fusewright.io.servers;

/** What a network, or the server behind it, does to one request. */
public enum Fault {
  /** 503 and "slow down"; the server never sees the request. */
  SLOW_DOWN,
  /** 500; the server never sees the request. */
  ERROR,
  /** The server does what it was asked; the answer is a 500. */
  ERROR_AFTERWARDS,
  /** The connection is closed without an answer; the server never sees the request. */
  CUT,
  /** The connection is closed in the middle of the answer. */
  CUT_ANSWER,
  /** No answer for longer than the client waits; the server never sees the request. */
  SILENCE,
  /** The answer comes in small pieces, with pauses. */
  SLOW_ANSWER
}
