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
package dev.fusewright.core.state;

import java.util.OptionalDouble;

/**
 * What a file says of a module beside its parameters, as a pickled module does.
 *
 * @param type its class: PyTorch's own by the last name, such as {@code Conv2d}, others in full
 * @param epsilon of a BatchNorm; empty for what has none
 */
public record DeclaredModule(String type, OptionalDouble epsilon) {
  private static final String TRANSPOSED = "ConvTranspose";

  boolean isTransposed() {
    return type.startsWith(TRANSPOSED);
  }
}
