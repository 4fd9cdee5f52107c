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

/**
 * Proves a fused model before it is published: sites and certificates, then both whole models in a child process.
 *
 * <p>Must never appear here: Beam, Flink, publishing.
 */
@NullMarked
package dev.fusewright.pipeline.verification;

import org.jspecify.annotations.NullMarked;
