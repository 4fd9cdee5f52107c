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
package dev.fusewright.pipeline.model;

import java.util.Locale;

/** The steps of one model's way, in order; reports spell them in lower case. */
public enum Stage {
  /** The request itself is looked at. */
  CONFIGURE,
  /** What was done before is held against what is asked. */
  LOOKUP,
  /** The file comes to this machine, and its digest is taken. */
  FETCH,
  /** The file becomes a graph. */
  READ,
  /** What is to be fused is found, and what not and why. */
  PLAN,
  /** The fused file is written to scratch. */
  WRITE,
  /** It is proven to be the same. */
  VERIFY,
  /** It is made visible. */
  PUBLISH;

  /** As reports spell it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
