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
package dev.fusewright.pipeline.catalogue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds entries of which one's file would have to be a folder for the other's, among millions, in a
 * few hashes each: the published file of {@code a.onnx} and that of {@code a.onnx/b}. Entries
 * {@code a} and {@code a/b}, which publish {@code a.onnx} and {@code a/b.onnx}, are in nobody's
 * way.
 */
final class FolderClashes {
  private long[] files = new long[1024];
  private int fileCount;
  private long[] folders = new long[1024];
  private int folderCount;
  private String last = "";

  void add(CatalogueEntry entry) {
    files = withRoom(files, fileCount);
    files[fileCount++] = NameClashes.hash(entry.output());
    // Most have the folders of the one before.
    String own = folder(entry.output());
    if (!own.equals(last)) {
      last = own;
      for (String folder : folders(entry)) {
        folders = withRoom(folders, folderCount);
        folders[folderCount++] = NameClashes.hash(folder);
      }
    }
  }

  private static long[] withRoom(long[] hashes, int count) {
    return count < hashes.length ? hashes : Arrays.copyOf(hashes, 2 * count);
  }

  /** The hashes of what may be a file of one entry and a folder of another's. */
  Set<Long> suspects() {
    long[] sorted = Arrays.copyOf(files, fileCount);
    Arrays.sort(sorted);
    Set<Long> both = new HashSet<>();
    for (int i = 0; i < folderCount; i++) {
      if (Arrays.binarySearch(sorted, folders[i]) >= 0) {
        both.add(folders[i]);
      }
    }
    return both;
  }

  private static List<String> folders(CatalogueEntry entry) {
    List<String> folders = new ArrayList<>();
    for (String f = folder(entry.output()); !f.isEmpty(); f = folder(f)) {
      folders.add(f);
    }
    return folders;
  }

  private static String folder(String name) {
    return name.substring(0, Math.max(0, name.lastIndexOf('/')));
  }

  /** The suspects among the entries, with where they stand, and those that do clash. */
  static final class Places {
    private final Set<Long> suspects;
    private final Map<String, String> files = new HashMap<>();
    private final Map<String, String> folders = new HashMap<>();

    Places(Set<Long> suspects) {
      this.suspects = suspects;
    }

    /** What is wrong with an entry, in view of those before it. */
    List<String> add(CatalogueEntry entry, String place) {
      List<String> clashes = new ArrayList<>();
      String own = "%s ('%s')".formatted(place, entry.id());
      String file = entry.output();
      if (isSuspect(file)) {
        files.put(file, own);
        String other = folders.get(file);
        if (other != null) {
          clashes.add(clash(own, other, file));
        }
      }
      for (String folder : folders(entry)) {
        if (isSuspect(folder)) {
          folders.putIfAbsent(folder, own);
          String other = files.get(folder);
          if (other != null) {
            clashes.add(clash(other, own, folder));
          }
        }
      }
      return clashes;
    }

    private boolean isSuspect(String name) {
      return suspects.contains(NameClashes.hash(name));
    }

    private static String clash(String file, String folder, String name) {
      return "%s would be published at %s, which is the folder of what %s publishes"
          .formatted(file, name, folder);
    }
  }
}
