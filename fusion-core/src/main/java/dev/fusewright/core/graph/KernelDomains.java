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
package dev.fusewright.core.graph;

import java.util.List;

/**
 * Domains for whose operators ONNX Runtime has kernels. A function in one of them says what such an
 * operator computes; what runs is the kernel.
 */
public final class KernelDomains {
  private static final List<String> DOMAINS =
      List.of("ai.onnx", "com.microsoft", "com.ms", "org.pytorch");

  private KernelDomains() {}

  /** Whether {@code domain} is one of them, or lies within one. */
  public static boolean contains(String domain) {
    return domain.isEmpty()
        || DOMAINS.stream().anyMatch(own -> domain.equals(own) || domain.startsWith(own + "."));
  }
}
