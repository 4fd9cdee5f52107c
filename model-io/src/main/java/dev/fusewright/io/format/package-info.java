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
 * What a checkpoint format is, whatever its bytes: how its files are told, opened, fetched and written.
 *
 * <p>A {@link dev.fusewright.io.format.Format} is a {@link dev.fusewright.io.format.GraphFormat} or a {@link
 * dev.fusewright.io.format.StateFormat}, and opens a {@link dev.fusewright.io.format.GraphCheckpoint} or a {@link
 * dev.fusewright.io.format.StateCheckpoint}. The list of formats stands in {@code dev.fusewright.io.Formats}, beside the
 * packages that implement them.
 *
 * <p>Must never appear here: a format's layout or name; what is to be fused; storage.
 *
 * <p>Part of the API: what is public here changes only as the policy of versions says.
 */
@NullMarked
package dev.fusewright.io.format;

import org.jspecify.annotations.NullMarked;
